/** How far something is: a bar, and numbers beside it. */
import { useEffect, useRef } from 'preact/hooks';
import { number } from '../../../i18n';
import type { Run } from './api';
import { t } from './words';

/** `part` from 0 to 1; undefined where nobody knows. */
export function Bar({ label, part }: { label: string; part: number | undefined }) {
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (ref.current) ref.current.style.inlineSize = part === undefined ? '' : `${Math.min(100, part * 100)}%`;
  }, [part]);
  return (
    <div class="import-bar">
      <p>{label}</p>
      <div
        class={`import-track${part === undefined ? ' unknown' : ''}`}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={part === undefined ? undefined : Math.round(part * 100)}
      >
        <span ref={ref} />
      </div>
    </div>
  );
}

export function RunProgress({ run }: { run: Run }) {
  const known = run.total > 0;
  const crawling = run.state === 'reading' && run.kind === 'crawl';
  return (
    <div class="card import-progress">
      <Bar label={t(`doing_${run.state as 'reading' | 'applying' | 'undoing'}`, { name: run.file_name || run.name })} part={known && !crawling ? run.done / run.total : undefined} />
      <p class="hint" aria-live="off" data-testid="progress">
        {known ? t(crawling ? 'of_found' : 'of', { done: number(run.done), total: number(run.total) }) : number(run.done)}
      </p>
      <p class="hint">{t('may_leave')}</p>
    </div>
  );
}
