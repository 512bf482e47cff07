/** What this browser keeps for the console. Storage may be full or forbidden: nothing here throws. */
export interface Shelf {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(start: string): string[];
}

const PREFIX = 'careloop:';
const beside = new Map<string, string>(); // what storage refused is kept for as long as the page lives

export const shelf: Shelf = {
  get(key) {
    if (beside.has(key)) return beside.get(key) ?? null;
    try {
      return localStorage.getItem(PREFIX + key);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(PREFIX + key, value);
      beside.delete(key);
    } catch {
      beside.set(key, value);
    }
  },
  remove(key) {
    beside.delete(key);
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      // What cannot be reached cannot be there.
    }
  },
  keys(start) {
    const found = [...beside.keys()];
    try {
      for (let i = 0; i < localStorage.length; i++) {
        const k = localStorage.key(i);
        if (k?.startsWith(PREFIX)) found.push(k.slice(PREFIX.length));
      }
    } catch {
      // As above.
    }
    return [...new Set(found)].filter((k) => k.startsWith(start));
  },
};
