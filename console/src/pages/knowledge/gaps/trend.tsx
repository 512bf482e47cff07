/** Questions a day, the last fourteen days: bars, and the same in a sentence. */
import { t } from './words';

const HEIGHT = 26;
const STEP = 6;

export function Trend({ days }: { days: readonly number[] }) {
  const most = Math.max(1, ...days);
  const sum = days.reduce((a, b) => a + b, 0);
  const today = days.at(-1) ?? 0;
  return (
    <svg class="trend" width={days.length * STEP - 1} height={HEIGHT} viewBox={`0 0 ${days.length * STEP - 1} ${HEIGHT}`} role="img" aria-label={t('trend_text', { sum, days: days.length, most: Math.max(0, ...days), today })}>
      {days.map((n, i) => {
        const high = n ? Math.max(3, Math.round((n / most) * HEIGHT)) : 1;
        return <rect key={i} class={n ? 'asked' : ''} x={i * STEP} y={HEIGHT - high} width={STEP - 1.5} height={high} rx={1} />;
      })}
    </svg>
  );
}
