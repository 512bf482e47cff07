/** The audit log: every change of rights and settings, newest first. */
import { useEffect, useState } from 'preact/hooks';
import { people } from '../../api/client';
import type { AuditEntry } from '../../api/types';
import { coded, moment, t, type Key } from '../../i18n';
import { failed } from '../../state/toasts';
import { Button } from '../../ui/button';
import { Empty, Failure, Skeleton } from '../../ui/pieces';

export function AuditPage() {
  const [entries, setEntries] = useState<AuditEntry[]>();
  const [next, setNext] = useState(0);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const load = async (before?: number) => {
    setBusy(true);
    setError('');
    try {
      const got = await people.audit(before);
      setEntries((old) => (before ? [...(old ?? []), ...(got.entries ?? [])] : (got.entries ?? [])));
      setNext(got.next ?? 0);
    } catch (err) {
      if (before) failed(err);
      else setError((err as Error).message);
    }
    setBusy(false);
  };
  useEffect(() => void load(), []);
  return (
    <>
      <h2>{t('tab_audit')}</h2>
      <p class="lead">{t('audit_lead')}</p>
      {error ? (
        <Failure text={error} retry={() => void load()} />
      ) : !entries ? (
        <Skeleton rows={8} />
      ) : entries.length === 0 ? (
        <Empty icon="log" title={t('audit_empty')} />
      ) : (
        <>
          <div class="card table-box audit" tabIndex={0} role="region" aria-label={t('tab_audit')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('when')}</th>
                  <th scope="col">{t('who')}</th>
                  <th scope="col">{t('what')}</th>
                  <th scope="col">{t('details')}</th>
                  <th scope="col">{t('address')}</th>
                </tr>
              </thead>
              <tbody>
                {entries.map((e) => (
                  <tr key={e.id}>
                    <td>
                      <time dateTime={e.at}>{moment(e.at)}</time>
                    </td>
                    <td>{e.actor === COMMAND_LINE ? t('command_line') : e.actor || t('system')}</td>
                    <td>
                      {coded('audit', e.action)}
                      {e.subject && <span class="hint"> {e.subject}</span>}
                    </td>
                    <td class="details">{detailsOf(e)}</td>
                    <td>{e.address}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {next > 0 && (
            <div class="center">
              <Button busy={busy} onClick={() => void load(next)}>
                {t('older')}
              </Button>
            </div>
          )}
        </>
      )}
    </>
  );
}

/** How the server calls who works at its command line. */
const COMMAND_LINE = 'command line';

const labels: Record<string, Key> = {
  name: 'name', role: 'role', sites: 'shops', members: 'team_members', topics: 'detail_topics', version: 'detail_version', offers: 'detail_offers',
  disabled: 'disabled', capacity: 'capacity', time_zone: 'time_zone', hours: 'week', holidays: 'holidays', mail_from: 'detail_mail_from',
};
const label = (k: string) => (labels[k] ? t(labels[k]) : k.replace(/_/g, ' '));

/** What was changed, in words: of settings the parts that differ, of a person what was and what is. */
function detailsOf({ action, details }: AuditEntry): string {
  const d = details ?? {};
  if (isObject(d.before) && isObject(d.after)) {
    const { before, after } = d;
    return Object.keys(after)
      .filter((k) => JSON.stringify(before[k]) !== JSON.stringify(after[k]))
      .map(label)
      .join(', ');
  }
  return Object.entries(d)
    .map(([k, v]) => {
      const words = action === 'person.changed' && Array.isArray(v) ? v.map((x) => value(k, x) || '–').join(' → ') : value(k, v);
      return words && `${label(k)}: ${words}`;
    })
    .filter(Boolean)
    .join('; ');
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

function value(key: string, v: unknown): string {
  if (Array.isArray(v)) return v.map((x) => value(key, x)).join(', ');
  if (key === 'role' && (v === 'agent' || v === 'admin')) return t(`role_${v}`);
  if (key === 'topics') return coded('topic', String(v));
  if (typeof v === 'boolean') return t(v ? 'yes' : 'no');
  return typeof v === 'string' || typeof v === 'number' ? String(v) : JSON.stringify(v);
}
