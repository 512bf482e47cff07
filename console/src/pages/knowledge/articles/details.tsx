/** What belongs to an article beside its text: where it stands, who reads it, who looks after it. */
import { useId, useState } from 'preact/hooks';
import { date, number, t as shared } from '../../../i18n';
import { now } from '../../../state/clock';
import { failed, toast } from '../../../state/toasts';
import { Button, IconButton } from '../../../ui/button';
import { Field, Select } from '../../../ui/field';
import { articles } from './api';
import type { Desk } from './article';
import { AUDIENCES, type Audience } from './types';
import { age, plural, sourceName, t, tongue } from './words';

/** Languages that shops write in; others can be there already. */
const LOCALES = ['bg', 'cs', 'da', 'de', 'el', 'en', 'es', 'et', 'fi', 'fr', 'hr', 'hu', 'it', 'ja', 'ko', 'lt', 'lv', 'nb', 'nl', 'pl', 'pt', 'ro', 'sk', 'sl', 'sv', 'tr', 'uk', 'zh'];

export function LocaleSelect({ value, change }: { value: string; change: (l: string) => void }) {
  const all = LOCALES.includes(value) || !value ? LOCALES : [...LOCALES, value];
  const named = all.map((l) => [l, tongue(l)] as const).sort((a, b) => a[1].localeCompare(b[1]));
  return (
    <Select label={t('language')} value={value} onChange={(e) => change(e.currentTarget.value)}>
      {named.map(([l, name]) => (
        <option key={l} value={l}>
          {name}
        </option>
      ))}
    </Select>
  );
}

export function Details({ desk }: { desk: Desk }) {
  const { article: a, manuscript: m } = desk;
  const c = m.content.value;
  const s = a.stats;
  return (
    <div class="details" role="region" aria-label={t('panel_details')} tabIndex={0}>
      <form class="form" onSubmit={(e) => e.preventDefault()}>
        <Select label={t('audience')} hint={t(`audience_${c.audience}_hint`)} value={c.audience} onChange={(e) => m.type({ audience: e.currentTarget.value as Audience })}>
          {AUDIENCES.map((x) => (
            <option key={x} value={x}>
              {t(`audience_${x}`)}
            </option>
          ))}
        </Select>
        <LocaleSelect value={c.locale} change={(locale) => m.type({ locale })} />
        <Tags tags={c.tags} change={(tags) => m.type({ tags })} />
        <Field label={t('slug')} hint={a.address ? t('slug_hint', { address: a.address }) : t('slug_empty')} maxLength={200} value={c.slug} onInput={(e) => m.type({ slug: e.currentTarget.value })} />
        <Field label={t('url')} hint={t('url_hint')} type="url" maxLength={2000} value={c.url} placeholder="https://" onInput={(e) => m.type({ url: e.currentTarget.value })} />
      </form>
      <Care desk={desk} />
      <dl class="article-numbers">
        <div>
          <dt>{t('answers')}</dt>
          <dd>{number(s.answered)}</dd>
        </div>
        <div>
          <dt>{t('thumbs')}</dt>
          <dd>{t('thumbs_words', { up: s.up, down: s.down })}</dd>
        </div>
        <div>
          <dt>{t('to_person')}</dt>
          <dd>{number(s.handoffs)}</dd>
        </div>
        <div>
          <dt>{t('age')}</dt>
          <dd>{age(a.updated_at, now.peek())}</dd>
        </div>
        <div>
          <dt>{t('source')}</dt>
          <dd>{sourceName(a.source)}</dd>
        </div>
      </dl>
      <p class="hint">{t('last_days')}</p>
    </div>
  );
}

/** Who looks after it, and when it is to be looked at again: kept at once, beside the text. */
function Care({ desk }: { desk: Desk }) {
  const { article: a, agents, site } = desk;
  const keep = async (body: { owner_id?: string; review_on?: string }) => {
    try {
      desk.update(await articles(site).look(a.id, body));
      toast(shared('saved'));
    } catch (err) {
      failed(err);
    }
  };
  const inMonths = (n: number) => {
    const d = new Date(now.peek());
    d.setMonth(d.getMonth() + n);
    return d.toISOString().slice(0, 10);
  };
  const owners = agents.filter((x) => !x.disabled || x.id === a.owner?.id);
  return (
    <section class="form article-care">
      <h3>{t('care')}</h3>
      {a.due && <p class="wrong-text">{t('review_is_due', { date: date(a.review_on ?? '') })}</p>}
      <Select label={t('owner')} value={a.owner?.id ?? ''} onChange={(e) => void keep({ owner_id: e.currentTarget.value })}>
        <option value="">{t('nobody')}</option>
        {a.owner && !owners.some((x) => x.id === a.owner?.id) && <option value={a.owner.id}>{a.owner.name}</option>}
        {owners.map((x) => (
          <option key={x.id} value={x.id}>
            {x.name}
          </option>
        ))}
      </Select>
      <Field label={t('review_on')} hint={t('review_hint')} type="date" value={a.review_on ?? ''} onChange={(e) => void keep({ review_on: e.currentTarget.value })} />
      <div class="badges">
        <Button small onClick={() => void keep({ review_on: inMonths(6) })}>
          {t('in_half_a_year')}
        </Button>
        <Button small onClick={() => void keep({ review_on: inMonths(12) })}>
          {t('in_a_year')}
        </Button>
      </div>
    </section>
  );
}

/** Tags as chips: Enter or a comma adds what is typed. */
function Tags({ tags, change }: { tags: readonly string[]; change: (tags: string[]) => void }) {
  const [typed, setTyped] = useState('');
  const id = useId();
  const add = (words: string) => {
    const more = words.split(',').map((x) => x.trim()).filter((x) => x && !tags.includes(x));
    setTyped('');
    if (more.length) change([...tags, ...new Set(more)]);
  };
  return (
    <div class="field">
      <label for={id}>{t('part_tags')}</label>
      {tags.length > 0 && (
        <ul class="chips">
          {tags.map((x) => (
            <li key={x} class="chip">
              <span class="chip-words">{x}</span>
              <IconButton icon="close" size={12} label={shared('remove_tag', { name: x })} onClick={() => change(tags.filter((k) => k !== x))} />
            </li>
          ))}
        </ul>
      )}
      <input
        id={id}
        class="input"
        maxLength={100}
        value={typed}
        aria-describedby={`${id}-hint`}
        onInput={(e) => (e.currentTarget.value.includes(',') ? add(e.currentTarget.value) : setTyped(e.currentTarget.value))}
        onBlur={() => add(typed)}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && !e.isComposing) {
            e.preventDefault();
            add(typed);
          } else if (e.key === 'Backspace' && !typed && tags.length) change(tags.slice(0, -1));
        }}
      />
      <p class="hint" id={`${id}-hint`}>
        {tags.length ? plural('tags', tags.length) : shared('add_tag_hint')}
      </p>
    </div>
  );
}
