/** The audit log: every change of rights and settings, newest first. */
import { useEffect, useState } from 'preact/hooks';
import { people } from '../../api/client';
import type { AuditEntry } from '../../api/types';
import { coded, moment, t } from '../../i18n';
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
          <div class="card table-box" tabIndex={0} role="region" aria-label={t('tab_audit')}>
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
                    <td>{e.actor || t('system')}</td>
                    <td>
                      {coded('audit', e.action)}
                      {e.subject && <span class="hint"> {e.subject}</span>}
                    </td>
                    <td class="details">{detailsOf(e.details)}</td>
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

function detailsOf(d: Record<string, unknown> | null): string {
  return Object.entries(d ?? {})
    .map(([k, v]) => `${k}: ${typeof v === 'string' ? v : JSON.stringify(v)}`)
    .join(', ');
}
