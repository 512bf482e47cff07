/** A table whose headings are not known: somebody says which column is what. */
import { useState } from 'preact/hooks';
import { Button } from '../../../ui/button';
import { Switch } from '../../../ui/field';
import { Failure } from '../../../ui/pieces';
import type { Run } from './api';
import { t } from './words';

const KINDS = ['question', 'answer', 'url', 'tags', 'locale', 'id'] as const;
type Table = NonNullable<Run['table']>;

/** What stands first until somebody says otherwise: what the headings tell, then the first columns. */
function guess(table: Table): string[] {
  const at = table.headings.map(() => '');
  for (const [kind, n] of Object.entries(table.columns)) if (n < at.length) at[n] = kind;
  for (const kind of ['question', 'answer']) {
    const free = at.indexOf('');
    if (!at.includes(kind) && free >= 0) at[free] = kind;
  }
  return at;
}

export function Columns({ run, table, save }: { run: Run; table: Table; save: (body: { columns: Record<string, number>; heading: boolean }) => Promise<void> }) {
  const [kinds, setKinds] = useState(() => guess(table));
  const [heading, setHeading] = useState(table.heading);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const ready = kinds.includes('question') && kinds.includes('answer');
  const send = async () => {
    setBusy(true);
    setError('');
    try {
      await save({ columns: Object.fromEntries(kinds.map((k, n) => [k, n] as const).filter(([k]) => k !== '')), heading });
    } catch (err) {
      setError((err as Error).message);
      setBusy(false);
    }
  };
  const rows = heading ? table.rows : [table.headings, ...table.rows];
  return (
    <form
      class="card form import-columns"
      onSubmit={(e) => {
        e.preventDefault();
        if (ready && !busy) void send();
      }}
    >
      <h3>{t('columns_title')}</h3>
      <p class="hint">{t('columns_hint', { name: run.file_name })}</p>
      <Switch label={t('first_row_names')} on={heading} change={setHeading} />
      <ul class="import-column-list">
        {table.headings.map((name, n) => (
          <li key={n}>
            <label>
              <span>{heading && name ? name : t('column_n', { n: n + 1 })}</span>
              <select
                class="input"
                value={kinds[n] ?? ''}
                onChange={(e) => {
                  const kind = e.currentTarget.value;
                  setKinds(kinds.map((k, i) => (i === n ? kind : k === kind ? '' : k)));
                }}
              >
                <option value="">{t('column_none')}</option>
                {KINDS.map((k) => (
                  <option key={k} value={k}>
                    {t(`column_${k}`)}
                  </option>
                ))}
              </select>
            </label>
            <p class="hint import-sample">{rows.slice(0, 3).map((r) => r?.[n] ?? '').filter(Boolean).join(' · ') || t('column_empty')}</p>
          </li>
        ))}
      </ul>
      {error && <Failure text={error} />}
      <div class="form-end">
        {!ready && <p class="hint grow">{t('columns_needed')}</p>}
        <Button type="submit" look="primary" busy={busy} disabled={!ready}>
          {t('read_it')}
        </Button>
      </div>
    </form>
  );
}
