/** The settings of this device: what the screen looks like, and how the app behaves. */
import type { Api, Settings } from '../api';

/** What holds until the shell has answered, and where its file can't be read. */
const DEFAULTS: Settings = {
  theme: 'system',
  textSize: 100,
  language: null,
  enterSends: true,
  notifications: { enabled: true, content: true, sound: true, quietFrom: null, quietUntil: null },
  closeToTray: null,
  startMinimised: false,
  autostart: false,
};

export class Preferences {
  settings = $state.raw<Settings>(DEFAULTS);
  readonly #api: Api;

  constructor(api: Api, settings: Settings = DEFAULTS) {
    this.#api = api;
    this.settings = settings;
  }

  /** Starts listening, then reads; answers how to stop. Settings that can't be read keep nobody from their messages. */
  async start(): Promise<() => void> {
    const stop = await this.#api.onSettings((settings) => (this.settings = settings));
    try {
      this.settings = await this.#api.settings();
    } catch {
      this.settings = DEFAULTS;
    }
    return stop;
  }

  /** Changes some of them, which shows at once. What can't be stored is taken back, and thrown. */
  async change(some: Partial<Settings>): Promise<void> {
    const before = this.settings;
    const after = { ...before, ...some };
    this.settings = after;
    try {
      await this.#api.setSettings(after);
    } catch (cause) {
      // Unless something else was chosen meanwhile.
      if (this.settings === after) this.settings = before;
      throw cause;
    }
  }
}
