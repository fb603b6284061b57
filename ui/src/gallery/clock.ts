/** A clock that stands still, so that every picture tells the same time. To be imported before anything that looks at it. */

/** What the time is in every picture: a Thursday morning, in milliseconds since 1970. */
export const NOW = Date.parse('2026-05-07T09:41:00Z');

let time = NOW;

class StandingDate extends Date {
  constructor(...given: [] | ConstructorParameters<typeof Date>) {
    if (given.length === 0) super(time);
    else super(...given);
  }

  static override now(): number {
    return time;
  }
}

/** Sets the clock, in milliseconds since 1970. */
export function setClock(to: number): void {
  time = to;
}

/** The time that long before [`NOW`], as the engine writes times. */
export function ago(minutes: number): string {
  return new Date(NOW - minutes * 60_000).toISOString();
}

globalThis.Date = StandingDate as DateConstructor;
