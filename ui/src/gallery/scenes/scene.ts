/** What a scene is: what the engine answers, and what somebody then does. */
import type { Settings } from '../../lib/bindings';
import type { FakeShell } from '../../test/shell';
import type { Hand } from '../hand';

export interface Scene {
  readonly name: string;
  /** What it shows, for the index. */
  readonly about: string;
  /** Says what the engine answers, where that is not what it usually does. */
  readonly shell?: (shell: FakeShell) => void;
  /** Which settings are others than at first. */
  readonly settings?: Partial<Settings>;
  /** What somebody does once the app is there. */
  readonly open?: (hand: Hand, shell: FakeShell) => Promise<unknown>;
  /** Whether the app never comes further than its start. */
  readonly starting?: boolean;
  /** How long ago the app was started, for what is not told at once; seconds. */
  readonly secondsBefore?: number;
}

export interface Group {
  readonly name: string;
  readonly scenes: readonly Scene[];
}

/** An answer that never comes. */
export const never = (): Promise<never> => new Promise(() => undefined);
