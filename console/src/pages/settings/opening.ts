/** Opening hours, as far as they can be wrong. */
import type { Holiday, Hours } from '../../api/types';
import { t, weekday } from '../../i18n';

/** Monday is 1. */
export const DAYS = [1, 2, 3, 4, 5, 6, 7];

/** The first thing that is wrong with the hours, as a sentence; empty: nothing. */
export function wrongHours(hours: readonly Hours[], holidays: readonly Holiday[]): string {
  for (const d of DAYS) {
    const spans = hours.filter((h) => h.day === d).sort((a, b) => a.from.localeCompare(b.from));
    for (const [i, h] of spans.entries()) {
      if (!h.from || !h.to || h.to <= h.from) return t('hours_backwards', { day: weekday(d) });
      if (i > 0 && spans[i - 1]!.to > h.from) return t('hours_overlap', { day: weekday(d) });
    }
  }
  for (const h of holidays) {
    if (!h.date) return t('holiday_no_date');
    if ((h.from || h.to) && (!h.from || !h.to || h.to <= h.from)) return t('hours_backwards', { day: h.name || h.date });
  }
  return '';
}
