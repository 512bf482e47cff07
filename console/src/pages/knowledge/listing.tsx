/**
 * What the lists of Knowledge share: how they are filtered stands in the address, states are tabs with
 * counts, the search waits for a pause, pages follow each other, and what is shown stays while other rows come.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { number, words } from '../../i18n';
import { follow, go, to } from '../../state/router';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { useLoad, type Loaded } from '../../ui/load';
import { Empty } from '../../ui/pieces';
import de from './de.json';
import en from './en.json';

const { t } = words({ en, de });

/** How many rows a page has where a list does not say otherwise. */
export const PAGE = 50;
/** A total is not counted further. */
const MOST = 10_000;
const PAUSE_MS = 250;

/** A list, and how it is filtered now. */
export interface Place {
  site: string;
  tab: string;
  /** What the list is of, where it is not all of the tab's. */
  id?: string;
  query: URLSearchParams;
}

/** The list's address with some of its filters changed: '' takes one away, and other filters begin at the first page. */
export function refined({ site, tab, id = '', query }: Place, change: Record<string, string>): string {
  const { page: _, ...held } = Object.fromEntries(query);
  return to.knowledge(site, tab, id, { ...held, ...change });
}

/** How many rows stand before the page that the address names; pages count from 1. */
export function offsetOf(query: URLSearchParams, limit = PAGE): number {
  const n = Number(query.get('page'));
  return Number.isSafeInteger(n) && n > 1 ? (n - 1) * limit : 0;
}

/** Asks for rows; those of before stay in sight (`stale`) until the new ones are there. */
export function useRows<T>(ask: () => Promise<T>, deps: readonly unknown[], site: string): Loaded<T> & { stale: boolean } {
  const loaded = useLoad(ask, deps);
  const last = useRef<{ site: string; data: T } | undefined>(undefined);
  if (loaded.data !== undefined) last.current = { site, data: loaded.data };
  const held = last.current?.site === site ? last.current.data : undefined;
  const stale = loaded.data === undefined && held !== undefined && !loaded.error;
  return { ...loaded, data: loaded.data ?? (loaded.error ? undefined : held), stale };
}

/** States as a row of links, each with how many there are. */
export function StateTabs({ place, name = 'state', now, states }: { place: Place; name?: string; now: string; states: readonly { value: string; label: string; count: number | undefined }[] }) {
  return (
    <nav class="states" aria-label={t('states')}>
      {states.map((s) => (
        <a key={s.value} href={refined(place, { [name]: s.value })} onClick={follow} aria-current={s.value === now ? 'page' : undefined}>
          {s.label}
          {s.count !== undefined && <span class="count">{number(s.count)}</span>}
        </a>
      ))}
    </nav>
  );
}

/** A search whose words go into the address as `q`, once the typing pauses. */
export function SearchField({ place, label }: { place: Place; label: string }) {
  const q = place.query.get('q') ?? '';
  const [value, setValue] = useState(q);
  const timer = useRef(0);
  const sent = useRef(q);
  // Other filters may change during the pause.
  const now = useRef(place);
  now.current = place;
  useEffect(() => {
    if (q !== sent.current) setValue(q);
    sent.current = q;
  }, [q]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (words: string) => {
    clearTimeout(timer.current);
    sent.current = words.trim();
    go(refined(now.current, { q: sent.current }), true);
  };
  return (
    <form
      class="search"
      role="search"
      onSubmit={(e) => {
        e.preventDefault();
        search(value);
      }}
    >
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        maxLength={200}
        spellcheck={false}
        onInput={(e) => {
          const words = e.currentTarget.value;
          setValue(words);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => search(words), PAUSE_MS) as unknown as number;
        }}
      />
    </form>
  );
}

/** A choice in the filter bar; '' is no filter. */
export function FilterSelect({ place, name, label, options }: { place: Place; name: string; label: string; options: readonly { value: string; label: string }[] }) {
  const now = place.query.get(name) ?? '';
  return (
    <label class={`filter${now ? ' on' : ''}`}>
      <span class="unseen">{label}</span>
      <select value={now} title={label} onChange={(e) => go(refined(place, { [name]: e.currentTarget.value }))}>
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.label}
          </option>
        ))}
        {!options.some((o) => o.value === now) && <option value={now}>{now}</option>}
      </select>
    </label>
  );
}

/** Which rows of how many these are, and the pages beside it; nothing where all are in sight. */
export function Pager({ place, total, limit = PAGE }: { place: Place; total: number; limit?: number }) {
  const offset = offsetOf(place.query, limit);
  if (total <= limit && offset === 0) return null;
  const page = (from: number) => refined(place, { page: from > 0 ? String(from / limit + 1) : '' });
  const last = Math.min(offset + limit, total);
  return (
    <nav class="pager" aria-label={t('pages')}>
      <p class="hint">{t(total >= MOST ? 'range_most' : 'range', { from: Math.min(offset + 1, total), to: last, total })}</p>
      <Step href={page(Math.max(0, offset - limit))} label={t('page_before')} off={offset === 0} />
      <Step href={page(offset + limit)} label={t('page_after')} off={last >= total} />
    </nav>
  );
}

function Step({ href, label, off }: { href: string; label: string; off: boolean }) {
  const move = (e: MouseEvent) => {
    follow(e);
    document.getElementById('main')?.scrollTo({ top: 0 });
  };
  return off ? (
    <Button small disabled>
      {label}
    </Button>
  ) : (
    <a class="button small" href={href} onClick={move}>
      {label}
    </a>
  );
}

/** In the place of rows where filters leave none. */
export function NoneFit({ place, keep = [] }: { place: Place; keep?: readonly string[] }) {
  const held = Object.fromEntries([...place.query].filter(([k]) => keep.includes(k)));
  return (
    <Empty icon="search" title={t('none_fit')}>
      <p>{t('none_fit_hint')}</p>
      <Button onClick={() => go(to.knowledge(place.site, place.tab, place.id ?? '', held))}>{t('clear_filters')}</Button>
    </Empty>
  );
}
