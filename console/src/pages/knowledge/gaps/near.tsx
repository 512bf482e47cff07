/** Articles that say something alike, each a press away from being edited. */
import { percent } from '../../../i18n';
import { follow, to } from '../../../state/router';
import { Badge } from '../../../ui/pieces';
import type { Near } from '../articles/types';
import { t } from './words';

export function NearList({ site, near }: { site: string; near: Near[] }) {
  return (
    <ul class="near">
      {near.map((n) => (
        <li key={n.id}>
          <div class="near-head">
            <a href={to.knowledge(site, 'articles', n.id)} onClick={follow}>
              {n.title}
            </a>
            <Badge>{t('alike', { n: percent(n.likeness) })}</Badge>
          </div>
          {n.quote && (
            <p class="hint clamp" dir="auto">
              {n.quote}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
