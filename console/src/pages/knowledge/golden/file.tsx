/** Taking a file of golden questions: all of it, or nothing and what is wrong, line by line. */
import { useState } from 'preact/hooks';
import { ApiError } from '../../../api/call';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Failure } from '../../../ui/pieces';
import { knowledge, type LineError } from './api';
import { w } from './words';

export function FileDialog({ site, close, done }: { site: string; close: () => void; done: () => void }) {
  const { t } = w;
  const [file, setFile] = useState<File>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [lines, setLines] = useState<LineError[]>([]);
  const [added, setAdded] = useState<Awaited<ReturnType<ReturnType<typeof knowledge>['take']>>>();
  const take = async () => {
    if (!file || busy) return;
    setBusy(true);
    setError('');
    setLines([]);
    try {
      setAdded(await knowledge(site).take(await file.text()));
      done();
    } catch (err) {
      setError((err as Error).message);
      setLines((err instanceof ApiError && (err.more as { lines?: LineError[] }).lines) || []);
    }
    setBusy(false);
  };
  return (
    <Dialog title={t('import')} close={close} wide>
      {added ? (
        <>
          <p role="status">{t('imported', { added: added.added, changed: added.changed, unchanged: added.unchanged })}</p>
          {added.unknown.length > 0 && (
            <>
              <p>{t('imported_unknown')}</p>
              <ul class="golden-lines">
                {added.unknown.map((a) => (
                  <li key={a}>
                    <code>{a}</code>
                  </li>
                ))}
              </ul>
            </>
          )}
          <div class="form-end">
            <Button look="primary" onClick={close}>
              {t('done')}
            </Button>
          </div>
        </>
      ) : (
        <form
          class="form"
          onSubmit={(e) => {
            e.preventDefault();
            void take();
          }}
        >
          <p>{t('import_lead')}</p>
          <pre tabIndex={0} class="golden-example">
            <code>{'{"question":"Can I return worn shoes?","locale":"en","verdict":"answer","articles":["en/return-worn-shoes"]}'}</code>
          </pre>
          <div class="field">
            <label for="golden-file">{t('file')}</label>
            <input id="golden-file" type="file" class="input" accept=".jsonl,.ndjson,.json,.txt" onChange={(e) => setFile(e.currentTarget.files?.[0])} />
          </div>
          {error && <Failure text={error} />}
          {lines.length > 0 && (
            <ol class="golden-lines">
              {lines.map((l) => (
                <li key={l.line}>
                  <strong>{t('line_n', { n: l.line })}</strong> {l.text}
                </li>
              ))}
            </ol>
          )}
          <div class="form-end">
            <Button onClick={close}>{t('cancel')}</Button>
            <Button type="submit" look="primary" busy={busy} disabled={!file}>
              {t('import')}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
