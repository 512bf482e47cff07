/**
 * Browser storage that never throws. Where the browser refuses storage to a frame, as some do to
 * frames of another site, the shop's page keeps the values instead; where that fails too, memory
 * stands in.
 */

export interface Shelf {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  /** The keys that start with the given text. */
  keys(start: string): string[];
}

/** What the shop's page keeps for this frame. */
export interface Keeper {
  held: Record<string, string>;
  put(key: string, value: string | null): void;
}

/** Wraps `open()`'s storage; every key is kept under `prefix`. */
export function shelf(open: () => Storage, prefix: string, keeper?: Keeper): Shelf {
  // Only what the real storage refused, now or on an earlier page.
  const memory = new Map(Object.entries(keeper?.held ?? {}));
  let real: Storage | undefined;
  try {
    real = open();
  } catch {
    real = undefined;
  }
  const forget = (key: string) => {
    if (memory.delete(key)) keeper?.put(key, null);
  };
  return {
    get(key) {
      const held = memory.get(key);
      if (held !== undefined) return held;
      try {
        return real?.getItem(prefix + key) ?? null;
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        if (!real) throw new Error('no storage');
        real.setItem(prefix + key, value);
        forget(key);
      } catch {
        memory.set(key, value);
        keeper?.put(key, value);
      }
    },
    remove(key) {
      forget(key);
      try {
        real?.removeItem(prefix + key);
      } catch {
        // It stays where it cannot be reached either.
      }
    },
    keys(start) {
      const found = new Set([...memory.keys()].filter((k) => k.startsWith(start)));
      try {
        for (let i = 0; real && i < real.length; i++) {
          const k = real.key(i);
          if (k?.startsWith(prefix + start)) found.add(k.slice(prefix.length));
        }
      } catch {
        // What memory holds is all there is.
      }
      return [...found];
    },
  };
}
