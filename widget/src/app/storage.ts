/** Browser storage that never throws: where it is missing, forbidden or full, memory stands in. */

export interface Shelf {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  /** The keys that start with the given text. */
  keys(start: string): string[];
}

/** Wraps `open()`'s storage; every key is kept under `prefix`. */
export function shelf(open: () => Storage, prefix: string): Shelf {
  const memory = new Map<string, string>(); // only what the real storage refused
  let real: Storage | undefined;
  try {
    real = open();
  } catch {
    real = undefined;
  }
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
        memory.delete(key);
      } catch {
        memory.set(key, value);
      }
    },
    remove(key) {
      memory.delete(key);
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
