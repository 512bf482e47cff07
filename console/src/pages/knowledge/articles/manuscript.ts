/**
 * An article that is being written. What is typed is saved by itself after a pause, kept in the
 * browser until the server has it, and never overwritten: where somebody else saved meanwhile, both
 * texts are there until a person has decided, and what was decided against is put aside.
 */
import { signal } from '@preact/signals';
import { ApiError } from '../../../api/call';
import type { Clock } from '../../../live/connection';
import type { Shelf } from '../../../state/shelf';
import { content, PARTS, sameContent, samePart, type Content, type Draft } from './types';

export type Standing =
  /** The server has everything; `at` is when this page last saved, in milliseconds, 0 for never. */
  | { name: 'saved'; at: number }
  | { name: 'typed' }
  | { name: 'saving' }
  /** It could not be saved, and is tried again by itself. */
  | { name: 'waiting'; why: string }
  /** The server will not take it as it is. */
  | { name: 'refused'; why: string }
  /** Somebody else saved meanwhile. */
  | { name: 'met'; theirs: Draft };

export interface Wires {
  clock: Clock;
  shelf: Shelf;
  /** Where the browser keeps it; another one for each person and article. */
  key: string;
  /** Saves what was made from `base`; throws an ApiError. */
  save(base: Draft, c: Content): Promise<Draft>;
  /** A sentence where the text cannot be saved whatever the server says, else empty. */
  wrong(c: Content, base: Draft): string;
}

/** A text that was decided against, kept in this browser. */
export interface Aside {
  at: number;
  by: string;
  content: Content;
}

const PAUSE = 1000; // after the last key
const AT_MOST = 5000; // while somebody types without a pause
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 30_000;
const ASIDES = 5;

interface Kept {
  base: Draft;
  mine: Content;
}

export class Manuscript {
  readonly content;
  readonly standing = signal<Standing>({ name: 'saved', at: 0 });
  /** What the server had when it was last heard of; what is typed was made from it. */
  readonly base;
  /** Something was found in the browser that an earlier page could not save. */
  readonly found = signal(false);
  /** Counts the texts that came from elsewhere than the field: it is to show what is there then. */
  readonly rounds = signal(0);
  readonly asides;
  #saved: Content; // what the server was last given; it may have tidied it
  #on: Wires;
  #timer: unknown;
  #since = 0; // when the first key was pressed that is not saved
  #tries = 0;
  #running: Promise<void> | undefined;
  #closed = false;
  #savedAt = 0;
  /** Counts what was saved and settled: an answer from before it says nothing about now. */
  turn = 0;

  constructor(draft: Draft, on: Wires) {
    this.#on = on;
    this.base = signal(draft);
    this.#saved = content(draft);
    this.content = signal(this.#saved);
    this.asides = signal<readonly Aside[]>(parse<Aside[]>(on.shelf.get(this.#asideKey)) ?? []);
    const kept = parse<Kept>(on.shelf.get(on.key));
    if (!kept || sameContent(kept.mine, this.#saved)) {
      on.shelf.remove(on.key);
      return;
    }
    this.content.value = content(kept.mine);
    this.found.value = true;
    if (kept.base.revision === draft.revision && kept.base.base_version === draft.base_version) this.#later(PAUSE);
    else {
      this.base.value = kept.base;
      this.#saved = content(kept.base);
      this.standing.value = { name: 'met', theirs: draft };
    }
  }

  /** Something is typed that the server does not have. */
  get unsaved(): boolean {
    return !sameContent(this.content.value, this.#saved);
  }

  /** What was typed, on the ground of `base`: what the server tidied is not a change of ours. */
  get mine(): Content {
    const out = { ...this.content.value };
    for (const p of PARTS) if (samePart(out, this.#saved, p)) Object.assign(out, { [p]: this.base.value[p] });
    return out;
  }

  type(more: Partial<Content>): void {
    const now = { ...this.content.value, ...more };
    if (sameContent(now, this.content.value)) return;
    this.content.value = now;
    this.#keep();
    if (this.standing.value.name === 'met') return;
    if (!this.unsaved && !this.#running) {
      this.#on.clock.cancel(this.#timer);
      this.standing.value = { name: 'saved', at: this.#savedAt };
      return;
    }
    const t = this.#on.clock.now();
    if (!this.#since) this.#since = t;
    if (this.standing.value.name !== 'saving') this.standing.value = this.standing.value.name === 'waiting' ? this.standing.value : { name: 'typed' };
    this.#later(Math.max(0, Math.min(PAUSE, this.#since + AT_MOST - t)));
  }

  /** Another text is put into the draft, as a whole: one that was put aside, or let go. */
  put(c: Content): void {
    this.type(c);
    this.rounds.value++;
  }

  /** Saves now what is not saved. True where the server then has everything. */
  async flush(): Promise<boolean> {
    this.#on.clock.cancel(this.#timer);
    while (this.#running) await this.#running;
    if (this.unsaved && this.standing.value.name !== 'met') await this.#save();
    return !this.unsaved && this.standing.value.name === 'saved';
  }

  /** The network or the person is back. */
  wake(): void {
    if (this.standing.value.name === 'waiting') void this.flush();
  }

  /**
   * What the server has now, asked for at `turn`. `taken`: somebody else saved it, and it stands in
   * the editor, since nothing of ours waited; `met`: something did.
   */
  hear(theirs: Draft, turn: number): 'same' | 'taken' | 'met' {
    const b = this.base.value;
    if (turn !== this.turn || this.#running || this.standing.value.name === 'met') return 'same';
    if (theirs.revision === b.revision && theirs.base_version === b.base_version) return 'same';
    if (this.unsaved && !sameContent(content(theirs), this.content.value)) {
      this.#meet(theirs);
      return (this.standing.value as Standing).name === 'met' ? 'met' : 'same';
    }
    const differs = !sameContent(content(theirs), this.content.value);
    this.begin(theirs);
    return differs ? 'taken' : 'same';
  }

  /** Starts from what the server has, after a publishing or a discarding that this page asked for. */
  begin(draft: Draft): void {
    this.#on.clock.cancel(this.#timer);
    this.turn++;
    this.base.value = draft;
    this.#saved = content(draft);
    if (!sameContent(this.content.value, this.#saved)) {
      this.content.value = this.#saved;
      this.rounds.value++;
    }
    this.#since = 0;
    this.standing.value = { name: 'saved', at: this.#savedAt };
    this.#on.shelf.remove(this.#on.key);
  }

  /**
   * What was decided of two texts: it stands in the editor, made from theirs, and is saved. Of what
   * it leaves out, `aside` says whose is kept beside.
   */
  async settle(decided: Content, aside: readonly Omit<Aside, 'at'>[] = []): Promise<boolean> {
    const s = this.standing.value;
    if (s.name !== 'met') return false;
    for (const a of aside) this.putAside(a.content, a.by);
    this.turn++;
    this.base.value = s.theirs;
    this.#saved = content(s.theirs);
    this.content.value = decided;
    this.rounds.value++;
    this.standing.value = { name: 'typed' };
    if (!this.unsaved) {
      this.begin(s.theirs);
      return true;
    }
    this.#keep();
    return this.flush();
  }

  putAside(text: Content, by: string): void {
    this.asides.value = [{ at: this.#on.clock.now(), by, content: text }, ...this.asides.value].slice(0, ASIDES);
    this.#on.shelf.set(this.#asideKey, JSON.stringify(this.asides.value));
  }

  /** The article is gone: nothing of it is kept. */
  forget(): void {
    this.#closed = true;
    this.#on.clock.cancel(this.#timer);
    this.#on.shelf.remove(this.#on.key);
    this.#on.shelf.remove(this.#asideKey);
  }

  /** The page is left: one more try. False: it could not be saved, and stays in the browser. */
  async close(): Promise<boolean> {
    if (this.#closed) return true;
    await this.flush();
    this.#closed = true;
    this.#on.clock.cancel(this.#timer);
    return !this.unsaved;
  }

  get #asideKey(): string {
    return `${this.#on.key}:aside`;
  }

  #later(ms: number): void {
    this.#on.clock.cancel(this.#timer);
    this.#timer = this.#on.clock.after(ms, () => void this.flush());
  }

  async #save(): Promise<void> {
    const sent = this.content.value;
    const wrong = this.#on.wrong(sent, this.base.value);
    if (wrong) {
      this.standing.value = { name: 'refused', why: wrong };
      return;
    }
    this.standing.value = { name: 'saving' };
    this.#running = this.#deliver(sent);
    await this.#running;
    this.#running = undefined;
    // Typed while it was on its way.
    if (this.unsaved && (this.standing.value as Standing).name === 'saved') {
      this.standing.value = { name: 'typed' };
      if (!this.#closed) this.#later(PAUSE);
    }
  }

  async #deliver(sent: Content): Promise<void> {
    try {
      const draft = await this.#on.save(this.base.value, sent);
      this.turn++;
      this.base.value = draft;
      this.#saved = sent;
      this.#tries = 0;
      this.#since = 0;
      this.#savedAt = this.#on.clock.now();
      this.standing.value = { name: 'saved', at: this.#savedAt };
      this.#keep();
    } catch (err) {
      if (!(err instanceof ApiError)) throw err;
      if (err.code === 'changed_meanwhile' && err.more.theirs) this.#meet(err.more.theirs as Draft);
      else if (err.passing || err.status === 401) {
        this.standing.value = { name: 'waiting', why: err.message };
        const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries++);
        if (!this.#closed) this.#later(Math.max(wait, (err.more.retryAfter ?? 0) * 1000));
      } else this.standing.value = { name: 'refused', why: err.message };
    }
  }

  #meet(theirs: Draft): void {
    this.#on.clock.cancel(this.#timer);
    const now = content(theirs);
    // The same words by two hands are no matter for a person, nor is what changed no word.
    if (sameContent(now, this.content.value)) this.begin(theirs);
    else if (sameContent(now, content(this.base.value))) {
      this.turn++;
      this.base.value = theirs;
      this.#saved = now;
      this.standing.value = { name: 'typed' };
      this.#keep();
      if (!this.#closed) this.#later(PAUSE);
    } else this.standing.value = { name: 'met', theirs };
  }

  #keep(): void {
    if (this.unsaved) this.#on.shelf.set(this.#on.key, JSON.stringify({ base: this.base.value, mine: this.content.value } satisfies Kept));
    else this.#on.shelf.remove(this.#on.key);
  }
}

/** What a shelf held; undefined where it is not what was put there. */
function parse<T>(raw: string | null): T | undefined {
  try {
    return (JSON.parse(raw ?? '') as T) ?? undefined;
  } catch {
    return undefined;
  }
}
