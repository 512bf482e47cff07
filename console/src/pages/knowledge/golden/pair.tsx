/** A replayed question: how it ends now and how it ended before, side by side. */
import { languageName, percent } from '../../../i18n';
import { follow, to } from '../../../state/router';
import { Badge } from '../../../ui/pieces';
import { Outcome, Sentences } from '../ask/report';
import type { Article, Pairing, Result } from './api';
import { w } from './words';

const TONE: Record<Pairing['change'], string> = { worse: 'bad', better: 'good', other: 'warn', same: 'plain', new: 'plain' };

export function Pair({ site, of: { now, before, change }, open }: { site: string; of: Pairing; open: boolean }) {
  const { t } = w;
  const past = now.kind === 'past';
  const ask = to.knowledge(site, 'ask', '', { q: now.question, locale: now.locale, history: now.history.length ? JSON.stringify(now.history) : '', signed_in: now.signed_in ? '1' : '' });
  return (
    <li class="card">
      <details open={open}>
        <summary>
          <span class="grow">
            <strong>{now.question}</strong>
            <span class="badges">
              {change !== 'same' && change !== 'new' && <Badge tone={TONE[change]}>{t(`change_${change}`)}</Badge>}
              <Outcome of={now.outcome} />
              {now.right ? <Badge tone="good" icon="check">{t(past ? 'as_then' : 'right')}</Badge> : <Badge tone="bad" icon="close">{w.coded('why', now.why)}</Badge>}
              <span class="hint">
                {languageName(now.locale)}
                {now.verdict && ` · ${t('wanted')} ${t(`verdict_${now.verdict}`)}`}
              </span>
            </span>
          </span>
        </summary>
        {now.expected.length > 0 && (
          <p class="hint">
            {t('expected')}: <Articles site={site} list={now.expected} />
          </p>
        )}
        <div class="golden-sides">
          {before && <Side title={t('side_before')} site={site} of={before} />}
          {past && now.past && (
            <section>
              <h4>{t('side_then')}</h4>
              <p class="badges">
                <Outcome of={now.past.outcome} />
                {now.past.rating > 0 && <Badge tone="good">{t('rated_up')}</Badge>}
                {now.past.rating < 0 && <Badge tone="bad">{t('rated_down')}</Badge>}
              </p>
              {now.past.cited.length > 0 && (
                <p class="hint">
                  {t('cited')}: <Articles site={site} list={now.past.cited} />
                </p>
              )}
            </section>
          )}
          <Side title={t('side_now')} site={site} of={now} />
        </div>
        <p class="golden-links">
          <a href={ask} onClick={follow}>
            {t('ask_it')}
          </a>
          {now.golden_id && (
            <a href={to.knowledge(site, 'golden', '', { edit: now.golden_id })} onClick={follow}>
              {t('edit')}
            </a>
          )}
          {now.conversation_id && (
            <a href={to.inbox(site, 'all', now.conversation_id)} onClick={follow}>
              {t('conversation')}
            </a>
          )}
        </p>
      </details>
    </li>
  );
}

function Side({ title, site, of: r }: { title: string; site: string; of: Result }) {
  const { t } = w;
  return (
    <section>
      <h4>{title}</h4>
      <p class="badges">
        <Outcome of={r.outcome} />
        {!r.right && r.why && <Badge tone="bad">{w.coded('why', r.why)}</Badge>}
        <span class="hint">
          {t('confidence')} {percent(r.confidence)}
          {r.verdict === 'answer' && r.expected.length > 0 && ` · ${r.rank > 0 ? t('rank', { n: r.rank }) : t('rank_none')}`}
        </span>
      </p>
      {r.cited.length > 0 && (
        <p class="hint">
          {t('cited')}: <Articles site={site} list={r.cited} />
        </p>
      )}
      {r.text && <div class="ask-text">{r.text}</div>}
      {r.sentences.some((s) => !s.supported) && <Sentences list={r.sentences.filter((s) => !s.supported)} />}
      {r.held.length > 0 && (
        <p class="hint">
          {t('held')}: {r.held.join(', ')}
        </p>
      )}
    </section>
  );
}

function Articles({ site, list }: { site: string; list: Article[] }) {
  return (
    <>
      {list.map((a, i) => (
        <span key={a.id || a.address}>
          {i > 0 && ', '}
          {a.id ? (
            <a href={to.knowledge(site, 'articles', a.id)} onClick={follow}>
              {a.title || a.address}
            </a>
          ) : (
            a.title || a.address
          )}
        </span>
      ))}
    </>
  );
}
