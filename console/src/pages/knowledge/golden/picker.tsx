/** Articles to choose: those at hand, and a search for others. */
import { useEffect, useState } from 'preact/hooks';
import { IconButton } from '../../../ui/button';
import { Field } from '../../../ui/field';
import { knowledge, type Article } from './api';
import { w } from './words';

const PAUSE = 200;

type Picked = Pick<Article, 'id' | 'title'>;

export function Picker({ site, label, hint, chosen, change, near = [] }: { site: string; label: string; hint?: string; chosen: Picked[]; change: (a: Picked[]) => void; near?: Picked[] }) {
  const { t } = w;
  const [q, setQ] = useState('');
  const [found, setFound] = useState<Picked[]>();
  const query = q.trim();
  useEffect(() => {
    if (query.length < 2) {
      setFound(undefined);
      return;
    }
    let gone = false;
    const timer = setTimeout(async () => {
      try {
        const got = await knowledge(site).search(query);
        if (!gone) setFound((got.articles ?? []).map((a) => ({ id: a.id, title: a.title })));
      } catch {
        if (!gone) setFound([]);
      }
    }, PAUSE);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [site, query]);
  const has = (a: Picked) => chosen.some((c) => c.id === a.id);
  const toggle = (a: Picked) => change(has(a) ? chosen.filter((c) => c.id !== a.id) : [...chosen, { id: a.id, title: a.title }]);
  const offered = [...near, ...(found ?? [])].filter((a, i, all) => all.findIndex((x) => x.id === a.id) === i);
  const outside = chosen.filter((c) => !offered.some((a) => a.id === c.id));
  return (
    <fieldset class="picker">
      <legend>{label}</legend>
      {hint && <p class="hint">{hint}</p>}
      {outside.length > 0 && (
        <ul class="chips">
          {outside.map((a) => (
            <li class="chip" key={a.id}>
              <span class="chip-words">{a.title}</span>
              <IconButton icon="close" size={13} label={t('unpick', { title: a.title })} onClick={() => toggle(a)} />
            </li>
          ))}
        </ul>
      )}
      {offered.length > 0 && (
        <div class="picker-list">
          {offered.map((a) => (
            <label class="check" key={a.id}>
              <input type="checkbox" checked={has(a)} onChange={() => toggle(a)} />
              <span>{a.title}</span>
            </label>
          ))}
        </div>
      )}
      <Field label={t('find_article')} hideLabel type="search" placeholder={t('find_article')} value={q} onInput={(e) => setQ(e.currentTarget.value)} />
      {found?.length === 0 && <p class="hint">{t('no_article_found')}</p>}
    </fieldset>
  );
}
