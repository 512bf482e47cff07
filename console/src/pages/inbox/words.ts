/** How the inbox puts things into words. */
import { t } from '../../i18n';

export function shopperName(r: { shopper: { id: string; name: string; email: string } }): string {
  return r.shopper.name || r.shopper.email || t('shopper_unnamed', { id: r.shopper.id.slice(-4) });
}

/** Markdown marks and citations mean nothing in one line of preview. */
export function preview(text: string): string {
  return text
    .replace(/\s*\[(\d{1,3}(?:, ?\d{1,3})*)\]/g, '')
    .replace(/^\s*[-*+]\s+/gm, '• ')
    .replace(/[*_`#>]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
