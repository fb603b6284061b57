/** One variant: the app itself over a scripted engine, in a window of its own. */
import { setClock, NOW } from './clock';
import { mount, tick, unmount } from 'svelte';
import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';
import '../styles/tokens.css';
import '../styles/base.css';
import Root from '../Root.svelte';
import { api } from '../lib/api';
import { readSystemLanguages } from '../lib/i18n';
import { App } from '../lib/state/app.svelte';
import { FakeShell, settings } from '../test/shell';
import { inaccessible, pale } from './accessibility';
import { Hand, painted } from './hand';
import { flaws } from './layout';
import { GROUPS, SCENES } from './scenes';
import { furnish } from './surroundings';
import { VARIANTS } from './variants';

declare global {
  interface Window {
    scenes?: readonly { readonly name: string; readonly group: string; readonly about: string }[];
    /** Shows a scene in light colours, and answers what is wrong with it. */
    show?: (scene: string) => Promise<readonly string[]>;
    /** Shows the same in dark colours, and answers what is wrong with those. */
    darken?: () => Promise<readonly string[]>;
  }
}

const variant = VARIANTS[Number(new URLSearchParams(location.search).get('variant'))];
const target = document.getElementById('app');
if (variant === undefined || target === null) throw new Error('there is no such variant');
const { asks, touch, settings: chosen } = variant;

furnish(touch);
readSystemLanguages();

let shown: ReturnType<typeof mount> | null = null;
let shell = new FakeShell();
let now = settings;

async function show(name: string): Promise<readonly string[]> {
  if (shown !== null) await unmount(shown);
  shown = null;
  // What the last scene leaves behind ends before the next one begins.
  await tick();
  const scene = SCENES.find((each) => each.name === name);
  if (scene === undefined || target === null) return ['there is no such scene'];

  now = { ...settings, ...scene.settings, ...chosen, theme: 'light' };
  shell = new FakeShell().answer('settings', () => now);
  scene.shell?.(shell);
  setClock(NOW - (scene.secondsBefore ?? 0) * 1_000);
  const app = new App(api);
  shown = mount(Root, { target, props: { app } });
  const hand = new Hand();
  try {
    if (scene.starting !== true) await hand.until('the app', () => app.phase !== 'starting');
    // Whoever is signed in has been since then.
    setClock(NOW);
    await scene.open?.(hand, shell);
  } catch (cause) {
    return [`the scene fails: ${String(cause)}`];
  }
  await document.fonts.ready;
  await painted();
  return [...flaws(touch), ...(await inaccessible(asks))];
}

async function darken(): Promise<readonly string[]> {
  await shell.tellSettings({ ...now, theme: 'dark' });
  await painted();
  return asks === 'everything' ? pale() : [];
}

window.scenes = GROUPS.flatMap(({ name: group, scenes }) =>
  scenes.map(({ name, about }) => ({ name, group, about })),
);
window.show = show;
window.darken = darken;
