/**
 * Asks something anew whenever a draft was saved, and keeps the last answer: at once the first time,
 * then after a pause, so that quick saves ask once. Who asks again lets go of the question before.
 */
import { signal } from '@preact/signals';

export interface Answer<T> {
  /** The last answer, and the revision that it is about. */
  value: T | undefined;
  revision: number;
  /** The revision that is wanted now. */
  wanted: number;
  running: boolean;
  /** A sentence, where the last asking failed. */
  error: string;
}

/** What is shown is about a draft that was saved over since. */
export const outOfDate = (a: Answer<unknown>): boolean => a.value !== undefined && a.revision !== a.wanted;

const PAUSE_MS = 900;

export class Latest<T> {
  readonly answer = signal<Answer<T>>({ value: undefined, revision: -1, wanted: -1, running: false, error: '' });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;

  constructor(
    readonly ask: (revision: number, signal: AbortSignal) => Promise<T>,
    readonly pause = PAUSE_MS,
  ) {}

  /** The draft stands at this revision. */
  want(revision: number): void {
    const first = this.answer.value.wanted < 0;
    if (revision === this.answer.value.wanted) return;
    this.#let();
    this.#set({ wanted: revision });
    if (first) void this.#run();
    else this.#timer = setTimeout(() => void this.#run(), this.pause);
  }

  /** Asks now, whether or not there is an answer. */
  again(): void {
    this.#let();
    void this.#run();
  }

  /** Stops waiting for the answer; what was there before stays, out of date or not. */
  cancel(): void {
    this.#let();
    this.#set({ running: false });
  }

  #let(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = undefined;
  }

  async #run(): Promise<void> {
    const mine = new AbortController();
    this.#asking = mine;
    const revision = this.answer.value.wanted;
    this.#set({ running: true, error: '' });
    try {
      const value = await this.ask(revision, mine.signal);
      if (!mine.signal.aborted) this.#set({ value, revision, running: false });
    } catch (err) {
      if (!mine.signal.aborted) this.#set({ running: false, error: (err as Error).message });
    }
  }

  #set(change: Partial<Answer<T>>): void {
    this.answer.value = { ...this.answer.value, ...change };
  }
}
