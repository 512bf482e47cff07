/** What the list shows: words, and one out of each kind. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { people } from '../../../api/client';
import { number } from '../../../i18n';
import { follow, to } from '../../../state/router';
import { me } from '../../../state/session';
import { phone } from '../../../state/view';
import { Icon } from '../../../ui/icon';
import { Field, Select } from '../../../ui/field';
import { useLoad } from '../../../ui/load';
import { change, SORTS, write, type Query, type Sort } from './query';
import { AUDIENCES, STATES, type ArticleList } from './types';
import { sourceName, t, tongue } from './words';

const PAUSE = 250; // after the last key, in milliseconds

export function Filters({ site, q, known, show }: { site: string; q: Query; known: ArticleList | undefined; show: (q: Query, replace?: boolean) => void }) {
  const set = Number(Boolean(q.locale)) + Number(Boolean(q.tag)) + Number(Boolean(q.source)) + Number(Boolean(q.audience)) + Number(Boolean(q.owner));
  const agents = useLoad(() => people.agents(), [site]);
  const [open, setOpen] = useState(!phone.peek());
  const one = (label: string, key: 'locale' | 'tag' | 'source' | 'audience' | 'owner', options: [string, string][]) => (
    <Select label={label} value={q[key]} onChange={(e) => show(change(q, { [key]: e.currentTarget.value }))}>
      <option value="">{t('all_of_them')}</option>
      {(q[key] && !options.some(([v]) => v === q[key]) ? [...options, [q[key], q[key]] as const] : options).map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </Select>
  );
  const owners: [string, string][] = [
    ...(me.value ? [[me.value.id, t('me')] as [string, string]] : []),
    ['none', t('nobody')],
    ...(agents.data?.agents ?? []).filter((a) => a.id !== me.value?.id).map((a): [string, string] => [a.id, a.name]),
  ];
  return (
    <div class="articles-filters" role="search">
      <Search key={site} value={q.q} change={(words) => show(change(q, { q: words }), true)} />
      <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
        <summary>
          <Icon name="filter" /> {set ? t('filters_n', { n: set }) : t('filters')}
        </summary>
        <div class="articles-selects">
          {one(t('language'), 'locale', (known?.locales ?? []).map((l) => [l, tongue(l)]))}
          {one(t('tag'), 'tag', (known?.tags ?? []).map((x) => [x, x]))}
          {one(t('source'), 'source', (known?.sources ?? []).map((x) => [x, sourceName(x)]))}
          {one(t('audience'), 'audience', AUDIENCES.map((a) => [a, t(`audience_${a}`)]))}
          {one(t('owner'), 'owner', owners)}
          <Select label={t('sort')} value={q.sort} onChange={(e) => show(change(q, { sort: e.currentTarget.value as Sort }))}>
            {SORTS.map((s) => (
              <option key={s} value={s}>
                {t(`sort_${s}`)}
              </option>
            ))}
          </Select>
        </div>
      </details>
    </div>
  );
}

function Search({ value, change }: { value: string; change: (q: string) => void }) {
  const [typed, setTyped] = useState(value);
  const timer = useRef(0);
  const asked = useRef(value);
  // The address changed by other hands: back, or a click that clears the filters.
  useEffect(() => {
    if (value !== asked.current) setTyped((asked.current = value));
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const ask = (words: string) => {
    clearTimeout(timer.current);
    if (words.trim() !== asked.current) change((asked.current = words.trim()));
  };
  return (
    <Field
      label={t('search')}
      hideLabel
      type="search"
      placeholder={t('search_hint')}
      maxLength={200}
      value={typed}
      onInput={(e) => {
        const words = e.currentTarget.value;
        setTyped(words);
        clearTimeout(timer.current);
        timer.current = window.setTimeout(() => ask(words), PAUSE);
      }}
      onKeyDown={(e) => e.key === 'Enter' && ask(typed)}
    />
  );
}

/** One state each, and those whose review is due, as links with how many there are. */
export function Tabs({ site, q, counts }: { site: string; q: Query; counts: ArticleList['counts'] | undefined }) {
  const tab = (name: string, more: Partial<Query>, count: number | undefined, on: boolean) => (
    <li key={name}>
      <a href={to.knowledge(site, 'articles', '', write(change(q, more)))} onClick={follow} aria-current={on ? 'true' : undefined}>
        {name} {count !== undefined && <span class="tab-count">{number(count)}</span>}
      </a>
    </li>
  );
  return (
    <nav class="articles-tabs" aria-label={t('states')}>
      <ul>
        {tab(t('state_all'), { state: '', due: false }, counts?.all, !q.state && !q.due)}
        {STATES.map((s) => tab(t(`state_${s}`), { state: s, due: false }, counts?.[s], q.state === s))}
        {tab(t('state_due'), { state: '', due: true }, counts?.due, q.due)}
      </ul>
    </nav>
  );
}
