/** How components reach the app. */
import { getContext, setContext } from 'svelte';
import type { App } from './app.svelte';

const CONTEXT = Symbol('app');

/** Hands the app to every component below. */
export function provideApp(app: App): void {
  setContext(CONTEXT, app);
}

/** What `provideApp` provides, for a component that is mounted alone. */
export function appContext(app: App): Map<unknown, unknown> {
  return new Map([[CONTEXT, app]]);
}

/** The app that a component above has provided. */
export function useApp(): App {
  return getContext<App>(CONTEXT);
}
