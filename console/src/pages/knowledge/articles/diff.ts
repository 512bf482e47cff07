/**
 * What changed between two texts, to be read by people: line by line, so that headings and blocks
 * stay what they are, and word by word within the lines that changed.
 */
import { diffArrays } from 'diff';

export interface Piece {
  text: string;
  kind: 'same' | 'added' | 'removed';
}

export type Entry = { kind: 'line'; pieces: Piece[]; changed: boolean } | { kind: 'fold'; lines: string[] };

/** Texts that have less than this part of their words in common are shown one after the other. */
const ALIKE = 0.35;
/** Beyond this many milliseconds words are no longer compared. */
const PATIENCE = 300;

/** Words, numbers and addresses are one piece each, signs stand alone: of 4.90 and 5.90 the whole number changed. */
const WORDS = /\s+|[\p{L}\p{N}]+(?:[.,:'’/@-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu;
const wordsOf = (text: string): string[] => text.match(WORDS) ?? [];

/** Words that changed; the whole of both where they have little in common. */
export function wordDiff(before: string, after: string): Piece[] {
  if (before === after) return before ? [{ text: before, kind: 'same' }] : [];
  const whole: Piece[] = [
    { text: before, kind: 'removed' },
    { text: after, kind: 'added' },
  ];
  const parts = diffArrays(wordsOf(before), wordsOf(after), { timeout: PATIENCE })?.map((p) => ({ ...p, value: p.value.join('') }));
  if (!parts) return whole.filter((p) => p.text);
  const same = parts.reduce((n, p) => n + (p.added || p.removed ? 0 : p.value.trim().length), 0);
  if (same < ALIKE * Math.min(before.trim().length, after.trim().length)) return whole.filter((p) => p.text);
  return tidy(parts.map((p) => ({ text: p.value, kind: p.added ? 'added' : p.removed ? 'removed' : 'same' })));
}

/** Runs of changed words with single spaces between them read as one change. */
function tidy(parts: Piece[]): Piece[] {
  const out: Piece[] = [];
  let [removed, added] = ['', ''];
  const flush = () => {
    // A space that both end with did not change.
    const end = removed && added ? (/[ \t]*$/.exec(removed)?.[0] ?? '') : '';
    const shared = end && added.endsWith(end) ? end : '';
    const cut = (s: string) => s.slice(0, s.length - shared.length);
    if (cut(removed)) out.push({ text: cut(removed), kind: 'removed' });
    if (cut(added)) out.push({ text: cut(added), kind: 'added' });
    if (shared) out.push({ text: shared, kind: 'same' });
    removed = added = '';
  };
  parts.forEach((p, i) => {
    const between = p.kind === 'same' && /^[ \t]+$/.test(p.text) && removed !== '' && added !== '' && i + 1 < parts.length;
    if (p.kind === 'removed') removed += p.text;
    else if (p.kind === 'added') added += p.text;
    else if (between) {
      removed += p.text;
      added += p.text;
    } else {
      flush();
      out.push(p);
    }
  });
  flush();
  return out.reduce<Piece[]>((all, p) => {
    const last = all.at(-1);
    if (last?.kind === p.kind) all[all.length - 1] = { text: last.text + p.text, kind: p.kind };
    else all.push(p);
    return all;
  }, []);
}

const linesOf = (text: string) => (text === '' ? [] : text.split('\n'));

/** Every line of both texts, with what changed in it; `around` unchanged lines stay beside a change, the others are folded. */
export function textDiff(before: string, after: string, around = 3): Entry[] {
  const runs = diffArrays(linesOf(before), linesOf(after));
  const lines: { pieces: Piece[]; changed: boolean }[] = [];
  for (let i = 0; i < runs.length; i++) {
    const r = runs[i]!;
    if (!r.added && !r.removed) {
      for (const text of r.value) lines.push({ pieces: [{ text, kind: 'same' }], changed: false });
      continue;
    }
    const next = runs[i + 1];
    if (next && ((r.removed && next.added) || (r.added && next.removed))) {
      const [old, now] = r.removed ? [r, next] : [next, r];
      for (const pieces of byLine(wordDiff(old.value.join('\n'), now.value.join('\n')))) lines.push({ pieces, changed: true });
      i++;
    } else for (const text of r.value) lines.push({ pieces: [{ text, kind: r.added ? 'added' : 'removed' }], changed: true });
  }
  return fold(lines, around);
}

/** Cuts pieces at the ends of lines. What was taken out ends its line before what was put in begins. */
function byLine(parts: Piece[]): Piece[][] {
  const out: Piece[][] = [[]];
  parts.forEach((p, i) => {
    const wholeLines = p.kind === 'added' && parts[i - 1]?.kind === 'removed' && (p.text.includes('\n') || parts[i - 1]!.text.includes('\n'));
    if (wholeLines && out.at(-1)!.length) out.push([]);
    p.text.split('\n').forEach((text, k) => {
      if (k > 0) out.push([]);
      if (text) out.at(-1)!.push({ text, kind: p.kind });
    });
  });
  return out.filter((l, i) => l.length > 0 || (i > 0 && i < out.length - 1 && out[i - 1]!.length > 0));
}

function fold(lines: { pieces: Piece[]; changed: boolean }[], around: number): Entry[] {
  const near = lines.map(() => false);
  lines.forEach((l, i) => {
    if (l.changed) for (let k = Math.max(0, i - around); k <= Math.min(lines.length - 1, i + around); k++) near[k] = true;
  });
  const out: Entry[] = [];
  let hidden: string[] = [];
  const flush = () => {
    // One or two lines are shorter than the words that would stand for them.
    if (hidden.length > 2) out.push({ kind: 'fold', lines: hidden });
    else for (const text of hidden) out.push({ kind: 'line', pieces: [{ text, kind: 'same' }], changed: false });
    hidden = [];
  };
  lines.forEach((l, i) => {
    if (near[i]) {
      flush();
      out.push({ kind: 'line', ...l });
    } else hidden.push(l.pieces.map((p) => p.text).join(''));
  });
  flush();
  return out;
}
