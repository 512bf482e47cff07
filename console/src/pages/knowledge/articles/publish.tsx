/** Publishing: what shoppers will see differently, what stands against it, when, and what it was for. */
import { useState } from 'preact/hooks';
import { language, t as shared } from '../../../i18n';
import { now as clock } from '../../../state/clock';
import { go, to } from '../../../state/router';
import { toast } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Field, Segments } from '../../../ui/field';
import { Icon } from '../../../ui/icon';
import { useLoad } from '../../../ui/load';
import { Failure } from '../../../ui/pieces';
import { articles } from './api';
import type { Desk } from './article';
import { Changes } from './changes';
import type { Article, Check } from './types';
import { plural, t } from './words';
import { inWords, moment, onClock } from './zoned';

export function Publish({ desk, later, gap, close }: { desk: Desk; later: boolean; gap: string; close: () => void }) {
  const { site, article: a, manuscript: m, zone } = desk;
  const [when, setWhen] = useState<'now' | 'later'>(later ? 'later' : 'now');
  const planned = m.base.value.publish_at;
  const [begin] = useState(() => onClock(planned ? new Date(planned) : new Date(clock.peek() + 864e5), zone));
  const [day, setDay] = useState(begin.day);
  const [hour, setHour] = useState(planned ? begin.time : '09:00');
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const at = moment(day, hour, zone);
  const wrong = when === 'now' ? '' : !at ? t('no_such_time') : at.getTime() <= clock.value ? t('time_is_past') : '';
  const checks = useLoad<Check>(async () => {
    await m.flush();
    return articles(site).check(a.id);
  }, []);

  const publish = async (e: Event) => {
    e.preventDefault();
    if (busy || wrong) return;
    setBusy(true);
    setError('');
    if (!(await m.flush())) {
      const s = m.standing.value;
      setBusy(false);
      if (s.name === 'met') return close();
      return setError('why' in s ? s.why : t('not_saved'));
    }
    try {
      const before = a.version;
      const got = await articles(site).publish(a.id, {
        revision: m.base.value.revision,
        ...(when === 'later' && at && { publish_at: at.toISOString() }),
        ...(note.trim() && { note: note.trim() }),
      });
      close();
      desk.adopt(got);
      said(desk, got, before, gap);
    } catch (err) {
      setBusy(false);
      // Somebody saved between: they are shown, and nothing was published.
      const theirs = await articles(site).open(a.id).catch(() => undefined);
      if (theirs && m.hear(theirs.draft, m.turn) !== 'same') {
        desk.update(theirs);
        close();
        return toast(t('publish_met'), 'bad');
      }
      setError((err as Error).message);
    }
  };

  return (
    <Dialog title={t('publish_title')} close={close} wide>
      <form class="form" onSubmit={publish}>
        {a.published && (
          <details class="publish-changes">
            <summary>{t('publish_changes')}</summary>
            <Changes before={a.published} after={m.content.value} />
          </details>
        )}
        <Checks site={site} check={checks.data} />
        <Segments
          label={t('when')}
          value={when}
          options={[
            { value: 'now', label: t('now') },
            { value: 'later', label: t('later') },
          ]}
          change={setWhen}
        />
        {when === 'later' && (
          <div class="publish-when">
            <Field label={t('day')} type="date" required value={day} onInput={(e) => setDay(e.currentTarget.value)} />
            <Field label={t('hour')} type="time" required value={hour} onInput={(e) => setHour(e.currentTarget.value)} />
            <p class={wrong ? 'wrong-text' : 'hint'} role="status">
              {wrong || t('publish_then', { when: inWords(at!.toISOString(), zone, language.value) })}
            </p>
          </div>
        )}
        <Field label={t('note')} hint={t('note_hint')} autofocus maxLength={500} value={note} onInput={(e) => setNote(e.currentTarget.value)} />
        {error && <Failure text={error} />}
        <div class="form-end">
          <Button onClick={close}>{shared('cancel')}</Button>
          <Button type="submit" look="primary" busy={busy} disabled={Boolean(wrong)}>
            {t(when === 'now' ? 'publish_now' : 'publish_later')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Says that it is done, and goes back to the gap that it is to close. */
function said(desk: Desk, a: Article, before: number, gap: string): void {
  if (a.draft.publish_at) toast(t('said_scheduled', { when: inWords(a.draft.publish_at, desk.zone, language.value) }));
  else if (gap) toast(t('said_published_gap'));
  else toast(t(before ? 'said_published' : 'said_published_first'), 'ok', a.address ? { label: t('look_at_it'), run: () => void window.open(a.address, '_blank', 'noopener') } : undefined);
  if (gap && !a.draft.publish_at) go(to.knowledge(desk.site, 'gaps', gap));
}

/** Articles that say nearly the same, or something else, of the same matter. */
function Checks({ site, check }: { site: string; check: Check | undefined }) {
  const against = check?.contradictions ?? [];
  const near = check?.near ?? [];
  const link = (x: { id: string; title: string }) => (
    <a href={to.knowledge(site, 'articles', x.id)} target="_blank" rel="noopener">
      {x.title || t('untitled')}
    </a>
  );
  if (!against.length && !near.length) return null;
  return (
    <section class="checks-found">
      {against.length > 0 && (
        <>
          <h3>
            <Icon name="warning" /> {plural('against', against.length)}
          </h3>
          <ul>
            {against.map((x, i) => (
              <li key={i}>
                {link(x)}
                <p>
                  {t('says_here')} <q>{x.here}</q>
                </p>
                <p>
                  {t('says_there')} <q>{x.there}</q>
                </p>
              </li>
            ))}
          </ul>
        </>
      )}
      {near.length > 0 && (
        <details>
          <summary>{plural('near', near.length)}</summary>
          <ul>
            {near.map((x) => (
              <li key={x.id}>
                {link(x)}
                <p class="hint">{x.quote}</p>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
