/** What a run found and did, in words. */
import type { Counts, Run } from './api';
import { plural, t } from './words';

type Counted = 'new' | 'changed' | 'edited' | 'gone' | 'refused';
const CHANGES: readonly Counted[] = ['new', 'changed', 'edited', 'gone', 'refused'];

/** "3 changed, 1 gone" */
export function changes(c: Counts): string {
  const parts = CHANGES.filter((k) => c[k] > 0).map((k) => plural(`n_${k}`, c[k]));
  return parts.length ? parts.join(', ') : c.unchanged > 0 ? t('nothing_changed') : '';
}

export function found(r: Run): string {
  const c = r.counts;
  const parts: string[] = [];
  if (c.applied) parts.push(plural('n_applied', c.applied));
  if (c.undone) parts.push(plural('n_undone', c.undone));
  if (c.failed) parts.push(plural('n_failed', c.failed));
  if (parts.length && r.state !== 'ready' && r.state !== 'stopped') {
    if (c.refused) parts.push(plural('n_refused', c.refused));
    return parts.join(', ');
  }
  return changes(c);
}
