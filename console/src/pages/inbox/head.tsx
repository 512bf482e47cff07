/** Above the list: views with their counts, the search, filters and saved filters. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { VIEWS, type Filter, type FilterQuery, type View } from '../../api/types';
import { number, t } from '../../i18n';
import type { Desk } from '../../state/desk';
import { follow, go, NO_FILTERS, route, to, type Filters } from '../../state/router';
import { failed, toast } from '../../state/toasts';
import { byId, over } from '../../state/view';
import { Button, IconButton } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { Icon } from '../../ui/icon';
import { Menu, type MenuItem } from '../../ui/menu';
import { readSearch } from './search';

export function ListHead({ desk }: { desk: Desk }) {
  const r = route.value;
  const counts = desk.inbox.counts.value;
  const [saved, setSaved] = useState<Filter[]>([]);
  useEffect(() => {
    let gone = false;
    desk.api.filters().then(
      (f) => !gone && setSaved(f.items ?? []),
      () => undefined, // without saved filters the inbox works as well
    );
    return () => void (gone = true);
  }, [desk]);
  if (r.page !== 'inbox') return null;
  const f = r.filters;
  const set = (change: Partial<Filters>) => go(to.inbox(r.site, r.view, r.id, { ...f, ...change }), true);

  const chips: [keyof Filters, string][] = [];
  if (f.person) chips.push(['person', t('filter_person', { name: f.person })]);
  if (f.tag) chips.push(['tag', t('filter_tag', { name: f.tag })]);
  if (f.team) chips.push(['team', t('filter_team', { name: desk.people.value.teams.find((x) => x.id === f.team)?.name ?? f.team })]);
  const any = f.q !== '' || chips.length > 0;

  const items: (MenuItem | null)[] = [
    { label: t('by_person'), icon: 'user', run: () => prompt('person') },
    { label: t('by_tag'), icon: 'tag', run: () => prompt('tag') },
    ...desk.people.value.teams.map((x): MenuItem => ({ label: t('filter_team', { name: x.name }), icon: 'users', run: () => set({ team: x.id }) })),
    ...(any ? [null, { label: t('do_save_filter'), icon: 'save' as const, run: () => void (over.value = 'save-filter') }] : []),
    ...(saved.length ? [null] : []),
    ...saved.map((x): MenuItem => ({ label: x.name, icon: 'filter', run: () => go(to.inbox(r.site, x.query.view ?? r.view, '', { ...NO_FILTERS, ...pick(x.query) })) })),
    ...(saved.length ? [null] : []),
    ...saved.map((x): MenuItem => ({ label: t('drop_filter', { name: x.name }), icon: 'trash', run: () => void drop(x) })),
  ];
  // The words "person:" and "tag:" in the search do the same without a mouse.
  const prompt = (what: 'person' | 'tag') => {
    const field = byId('search') as HTMLInputElement | null;
    if (!field) return;
    field.value = `${t(what === 'person' ? 'word_person' : 'word_tag')}:`;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    requestAnimationFrame(() => field.focus());
  };
  const drop = async (x: Filter) => {
    try {
      await desk.api.dropFilter(x.id);
      setSaved(saved.filter((s) => s.id !== x.id));
    } catch (err) {
      failed(err);
    }
  };

  return (
    <div class="list-head">
      <nav class="views" aria-label={t('views')}>
        {VIEWS.map((v) => (
          <a key={v} href={to.inbox(r.site, v)} onClick={follow} aria-current={r.view === v ? 'page' : undefined} class={v === 'waiting' && counts?.waiting ? 'has' : ''}>
            <span>{t(`view_${v}`)}</span>
            <span class="count">{counts ? (counts[v] > 9999 ? '9999+' : number(counts[v])) : ' '}</span>
          </a>
        ))}
      </nav>
      <div class="search-row">
        <Search set={set} q={f.q} />
        <Menu label={t('filters')} items={items} look={`icon-button${any ? ' on' : ''}`}>
          <Icon name="filter" size={17} />
        </Menu>
      </div>
      {chips.length > 0 && (
        <ul class="chips">
          {chips.map(([k, words]) => (
            <li key={k} class="chip">
              {words}
              <IconButton icon="close" size={13} label={t('remove_filter', { name: words })} onClick={() => set({ [k]: '' })} />
            </li>
          ))}
        </ul>
      )}
      {over.value === 'save-filter' && <SaveFilter desk={desk} filters={f} view={r.view} saved={(x) => setSaved([...saved, x])} />}
    </div>
  );
}

function pick(q: FilterQuery): Partial<Filters> {
  const out: Partial<Filters> = {};
  for (const k of ['q', 'person', 'tag', 'team'] as const) if (q[k]) out[k] = q[k];
  return out;
}

function Search({ q, set }: { q: string; set: (f: Partial<Filters>) => void }) {
  const [text, setText] = useState(q);
  const timer = useRef<number>(0);
  const sent = useRef(q);
  useEffect(() => {
    // The address says something else than what was sent last: it was changed elsewhere.
    if (q !== sent.current) setText(q);
    sent.current = q;
  }, [q]);
  const submit = (value: string, whole: boolean) => {
    clearTimeout(timer.current);
    // A word that is still being written ("person:a") waits for Enter.
    if (!whole && /(?:^|\s)\p{L}+:\S*$/u.test(value)) return;
    const f = readSearch(value);
    sent.current = f.q ?? '';
    if (f.person || f.tag) setText(f.q ?? '');
    set(f);
  };
  return (
    <div class="search">
      <Icon name="search" />
      <input
        id="search"
        type="search"
        aria-label={t('search')}
        placeholder={t('search')}
        value={text}
        onInput={(e) => {
          const value = e.currentTarget.value;
          setText(value);
          clearTimeout(timer.current);
          timer.current = window.setTimeout(() => submit(value, false), 300);
        }}
        onKeyDown={(e) => {
          if (e.key === 'Enter') {
            submit(text, true);
            byId('list')?.focus();
          } else if (e.key === 'Escape') {
            if (text) {
              setText('');
              submit('', true);
            } else byId('list')?.focus();
          } else if (e.key === 'ArrowDown') byId('list')?.focus();
          else return;
          e.preventDefault();
          e.stopPropagation();
        }}
      />
    </div>
  );
}

function SaveFilter({ desk, filters, view, saved }: { desk: Desk; filters: Filters; view: View; saved: (f: Filter) => void }) {
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const save = async (e: Event) => {
    e.preventDefault();
    if (!name.trim() || busy) return;
    setBusy(true);
    const query: FilterQuery = { view, ...pick({ view, ...filters }) };
    try {
      const got = await desk.api.saveFilter(name.trim(), query);
      saved((got as { filter?: Filter }).filter ?? (got as unknown as Filter));
      toast(t('saved'));
      over.value = '';
    } catch (err) {
      failed(err);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('do_save_filter')} close={() => (over.value = '')}>
      <form onSubmit={save} class="form">
        <Field label={t('name')} value={name} autofocus required maxLength={60} onInput={(e) => setName(e.currentTarget.value)} />
        <div class="form-end">
          <Button onClick={() => (over.value = '')}>{t('cancel')}</Button>
          <Button type="submit" look="primary" busy={busy}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
