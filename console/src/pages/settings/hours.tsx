/** When the shop's people are there: the week, holidays, the time zone. */
import { useMemo, useState } from 'preact/hooks';
import { shop } from '../../api/client';
import type { Holiday, Hours, Settings } from '../../api/types';
import { t, weekday } from '../../i18n';
import { toast } from '../../state/toasts';
import { Button, IconButton } from '../../ui/button';
import { Check, Field } from '../../ui/field';
import { Show, useLoad } from '../../ui/load';
import { Failure } from '../../ui/pieces';
import { DAYS, wrongHours } from './opening';

export function HoursPage({ site }: { site: string }) {
  const got = useLoad(() => shop(site).settings(), [site]);
  return (
    <>
      <h2>{t('tab_hours')}</h2>
      <Show from={got} rows={8}>
        {(x) => <Editor site={site} settings={x} />}
      </Show>
    </>
  );
}

function zones(): string[] {
  try {
    return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((z) => z !== 'UTC')];
  } catch {
    return ['UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York'];
  }
}

function Editor({ site, settings }: { site: string; settings: Settings }) {
  const [zone, setZone] = useState(settings.time_zone);
  const [hours, setHours] = useState<Hours[]>(settings.hours ?? []);
  const [holidays, setHolidays] = useState<Holiday[]>(settings.holidays ?? []);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const all = useMemo(zones, []);
  const always = hours.length === 0;

  const save = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    const wrong = all.includes(zone) ? wrongHours(hours, holidays) : t('unknown_zone', { zone });
    setError(wrong);
    if (wrong) return;
    setBusy(true);
    try {
      await shop(site).putSettings({ ...settings, time_zone: zone, hours, holidays });
      toast(t('saved'));
    } catch (err) {
      setError((err as Error).message);
    }
    setBusy(false);
  };
  const put = (at: number, change: Partial<Hours>) => setHours(hours.map((h, i) => (i === at ? { ...h, ...change } : h)));
  const putHoliday = (at: number, change: Partial<Holiday>) => setHolidays(holidays.map((h, i) => (i === at ? { ...h, ...change } : h)));
  const weekdays = DAYS.slice(0, 5).map((day) => ({ day, from: '09:00', to: '17:00' }));

  return (
    <form class="form" onSubmit={save}>
      <section class="card form">
        <Field label={t('time_zone')} hint={t('time_zone_hint')} list="zones" value={zone} required spellcheck={false} onInput={(e) => setZone(e.currentTarget.value)} />
        <datalist id="zones">
          {all.map((z) => (
            <option key={z} value={z} />
          ))}
        </datalist>
      </section>
      <section class="card">
        <h3>{t('week')}</h3>
        <Check label={t('always_open')} on={always} change={(on) => setHours(on ? [] : weekdays)} />
        {!always && (
          <ul class="week">
            {DAYS.map((d) => {
              const spans = hours.map((h, i) => ({ h, i })).filter((x) => x.h.day === d);
              return (
                <li key={d}>
                  <span class="week-day">{weekday(d)}</span>
                  <div class="week-spans">
                    {spans.length === 0 && <span class="hint">{t('closed')}</span>}
                    {spans.map(({ h, i }) => (
                      <span key={i} class="span">
                        <input class="input" type="time" aria-label={t('from_on', { day: weekday(d) })} value={h.from} onInput={(e) => put(i, { from: e.currentTarget.value })} />
                        –
                        <input class="input" type="time" aria-label={t('to_on', { day: weekday(d) })} value={h.to} onInput={(e) => put(i, { to: e.currentTarget.value })} />
                        <IconButton icon="close" size={14} label={t('remove_span', { day: weekday(d) })} onClick={() => setHours(hours.filter((_, k) => k !== i))} />
                      </span>
                    ))}
                  </div>
                  <IconButton
                    icon="plus"
                    label={t('add_span', { day: weekday(d) })}
                    onClick={() => {
                      const last = spans.at(-1)?.h.to;
                      setHours([...hours, last && last < '23:00' ? { day: d, from: last, to: '23:00' } : { day: d, from: '09:00', to: '17:00' }]);
                    }}
                  />
                </li>
              );
            })}
          </ul>
        )}
      </section>
      <section class="card">
        <h3>{t('holidays')}</h3>
        {holidays.length === 0 && <p class="hint">{t('no_holidays')}</p>}
        <ul class="holidays">
          {holidays.map((h, i) => (
            <li key={i}>
              <input class="input" type="date" aria-label={t('date')} value={h.date} onInput={(e) => putHoliday(i, { date: e.currentTarget.value })} />
              <input class="input grow" aria-label={t('name')} placeholder={t('name')} maxLength={80} value={h.name} onInput={(e) => putHoliday(i, { name: e.currentTarget.value })} />
              <span class="span">
                <input class="input" type="time" aria-label={t('short_day_from')} value={h.from ?? ''} onInput={(e) => putHoliday(i, { from: e.currentTarget.value })} />
                –
                <input class="input" type="time" aria-label={t('short_day_to')} value={h.to ?? ''} onInput={(e) => putHoliday(i, { to: e.currentTarget.value })} />
              </span>
              <IconButton icon="close" size={14} label={t('remove_holiday', { name: h.name || h.date })} onClick={() => setHolidays(holidays.filter((_, k) => k !== i))} />
            </li>
          ))}
        </ul>
        <p class="hint">{t('holidays_hint')}</p>
        <Button small icon="plus" onClick={() => setHolidays([...holidays, { date: '', name: '' }])}>
          {t('add_holiday')}
        </Button>
      </section>
      {error && <Failure text={error} />}
      <div class="form-end">
        <Button type="submit" look="primary" busy={busy}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}
