/** Where in a long list somebody is, and the way on. */
import { follow } from '../../../state/router';
import { w } from './words';

export const PAGE = 50;

export function Paging({ offset, total, at, size = PAGE }: { offset: number; total: number; at: (offset: number) => string; size?: number }) {
  const { t } = w;
  if (total <= size) return null;
  return (
    <nav class="golden-paging" aria-label={t('pages')}>
      {offset > 0 && (
        <a class="button small" href={at(Math.max(0, offset - size))} onClick={follow} rel="prev">
          {t('page_before')}
        </a>
      )}
      <span class="hint">{t('page_of', { from: offset + 1, to: Math.min(total, offset + size), total })}</span>
      {offset + size < total && (
        <a class="button small" href={at(offset + size)} onClick={follow} rel="next">
          {t('page_next')}
        </a>
      )}
    </nav>
  );
}
