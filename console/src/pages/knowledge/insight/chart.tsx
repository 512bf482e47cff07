/** A plot on a canvas: bars, or lines with a band around them. Its points are reached by mouse, finger and arrow keys. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart as Canvas,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ActiveElement,
  type ChartConfiguration,
  type ChartDataset,
} from 'chart.js';
import { useEffect, useRef, useState } from 'preact/hooks';
import { colour, filling, type Look } from './looks';

Canvas.register(BarController, BarElement, CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);

export interface Kind {
  key: string;
  label: string;
  look: Look;
  values: (number | null)[];
  /** What is said of a point. */
  said: string[];
  /** Whether a line is dashed, or is an edge of the band: drawn, and no point of its own. */
  dashed?: boolean;
  edge?: 'low' | 'high';
}

export interface Drawing {
  bars: boolean;
  /** All bars end at the same height: shares. */
  whole: boolean;
  /** Short names below the points, and long ones for what is said. */
  ticks: string[];
  whens: string[];
  kinds: Kind[];
  /** What stands at the axis. */
  axis: (v: number) => string;
}

export interface ChartProps {
  label: string;
  hint: string;
  say: (when: string, what: string, value: string) => string;
  drawing: Drawing;
  open: (key: string, bucket: number) => void;
}

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

export function Chart({ label, hint, say, drawing, open }: ChartProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const canvas = useRef<Canvas | undefined>(undefined);
  const now = useRef({ drawing, open });
  now.current = { drawing, open };
  const at = useRef<{ kind: number; bucket: number } | undefined>(undefined);
  const [spoken, setSpoken] = useState('');
  const drawn = useRef('');

  useEffect(() => {
    const paint = () => {
      canvas.current?.destroy();
      if (ref.current) canvas.current = new Canvas(ref.current, configuration(drawing, (k, b) => now.current.open(k, b), drawn.current === ''));
      drawn.current = 'once';
    };
    paint();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', paint);
    const chosen = new MutationObserver(paint);
    chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      dark.removeEventListener('change', paint);
      chosen.disconnect();
      canvas.current?.destroy();
      canvas.current = undefined;
    };
  }, [drawing]);

  const show = (active: ActiveElement[] | { datasetIndex: number; index: number }[]) => {
    const c = canvas.current;
    if (!c) return;
    c.setActiveElements(active);
    c.tooltip?.setActiveElements(active, { x: 0, y: 0 });
    c.update('none');
  };
  const stand = (kind: number, bucket: number) => {
    at.current = { kind, bucket };
    show([{ datasetIndex: kind, index: bucket }]);
    const k = drawing.kinds[kind]!;
    setSpoken(say(drawing.whens[bucket]!, k.label, k.said[bucket]!));
  };
  const has = (kind: number, bucket: number) => {
    const k = drawing.kinds[kind];
    return !!k && !k.edge && !!k.values[bucket];
  };
  /** The next bucket in a direction that has a point of a kind, of this one before others. */
  const along = (step: number) => {
    const from = at.current;
    for (let b = from ? from.bucket + step : step < 0 ? drawing.whens.length - 1 : 0; b >= 0 && b < drawing.whens.length; b += step) {
      const kinds = [from?.kind ?? 0, ...drawing.kinds.keys()];
      const kind = kinds.find((k) => has(k, b));
      if (kind !== undefined) return stand(kind, b);
    }
  };
  const across = (step: number) => {
    const from = at.current;
    if (!from) return along(-1);
    for (let k = from.kind + step; k >= 0 && k < drawing.kinds.length; k += step) if (has(k, from.bucket)) return stand(k, from.bucket);
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => along(-1),
    ArrowRight: () => along(1),
    ArrowUp: () => across(1),
    ArrowDown: () => across(-1),
    Home: () => {
      at.current = undefined;
      along(1);
    },
    End: () => {
      at.current = undefined;
      along(-1);
    },
    Enter: () => at.current && open(drawing.kinds[at.current.kind]!.key, at.current.bucket),
    ' ': () => at.current && open(drawing.kinds[at.current.kind]!.key, at.current.bucket),
  };

  return (
    <div
      class="plot-canvas"
      role="application"
      aria-label={label}
      aria-description={hint}
      tabIndex={0}
      onFocus={(e) => {
        if (!at.current && e.currentTarget.matches(':focus-visible')) along(-1);
      }}
      onBlur={() => {
        at.current = undefined;
        show([]);
        setSpoken('');
      }}
      onKeyDown={(e) => {
        const act = keys[e.key];
        if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
        e.preventDefault();
        e.stopPropagation();
        act();
      }}
    >
      <canvas ref={ref} aria-hidden="true" />
      <p class="unseen" role="status" data-testid="point">
        {spoken}
      </p>
    </div>
  );
}

function configuration(d: Drawing, open: (key: string, bucket: number) => void, first: boolean): ChartConfiguration {
  const soft = colour('--soft');
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  const tooltip = {
    backgroundColor: colour('--ink'),
    titleColor: colour('--bg'),
    bodyColor: colour('--bg'),
    titleFont: { ...font, weight: 600 as const },
    bodyFont: font,
    padding: 10,
    cornerRadius: 8,
    displayColors: false,
    caretSize: 5,
    filter: (i: { datasetIndex: number }) => !d.kinds[i.datasetIndex]?.edge,
    callbacks: {
      title: (items: { dataIndex: number }[]) => d.whens[items[0]?.dataIndex ?? 0] ?? '',
      label: (i: { datasetIndex: number; dataIndex: number }) => `${d.kinds[i.datasetIndex]!.label}: ${d.kinds[i.datasetIndex]!.said[i.dataIndex]!}`,
    },
  };
  return {
    type: d.bars ? 'bar' : 'line',
    data: { labels: d.ticks, datasets: d.kinds.map((k, i) => (d.bars ? bar(k) : line(k, i))) } as ChartConfiguration['data'],
    options: {
      animation: still() || !first ? false : { duration: 350 },
      responsive: true,
      maintainAspectRatio: false,
      layout: { padding: { top: 6, right: 2 } },
      interaction: { mode: d.bars ? 'nearest' : 'index', intersect: d.bars },
      onHover: (e, active) => {
        const target = e.native?.target as HTMLElement | null;
        if (target) target.style.cursor = active.length ? 'pointer' : '';
      },
      onClick: (_, active) => {
        const hit = active.find((a) => !d.kinds[a.datasetIndex]?.edge);
        if (hit) open(d.kinds[hit.datasetIndex]!.key, hit.index);
      },
      scales: {
        x: {
          stacked: d.bars,
          grid: { display: false },
          border: { color: colour('--line') },
          ticks: { color: soft, font, maxRotation: 0, autoSkip: true, autoSkipPadding: 22 },
        },
        y: {
          stacked: d.bars,
          ...(!d.kinds.some((k) => k.values.some((v) => (v ?? 0) < 0)) && { beginAtZero: true }),
          ...(d.whole && { max: 1 }),
          grid: { color: colour('--line') },
          border: { display: false },
          ticks: { color: soft, font, maxTicksLimit: 5, callback: (v) => d.axis(Number(v)) },
        },
      },
      plugins: { legend: { display: false }, tooltip },
    } as ChartConfiguration['options'] & object,
  };
}

const bar = (k: Kind): ChartDataset<'bar'> => ({
  data: k.values,
  backgroundColor: filling(k.look) as CanvasPattern,
  hoverBackgroundColor: colour(k.look.ink),
  borderColor: colour(k.look.ink),
  borderWidth: k.look.fill === 'solid' ? 0 : 1,
  borderSkipped: false,
  borderRadius: 2,
  maxBarThickness: 42,
  categoryPercentage: 0.86,
  barPercentage: 0.94,
});

/** The band lies between its two edges, which stand next to each other. */
const line = (k: Kind, i: number): ChartDataset<'line'> => ({
  data: k.values,
  borderColor: k.edge ? 'transparent' : colour(k.look.ink),
  backgroundColor: k.edge ? colour(k.look.soft) : colour(k.dashed ? '--surface' : k.look.ink),
  borderWidth: 2,
  borderDash: k.dashed ? [6, 4] : [],
  fill: k.edge === 'high' ? i - 1 : false,
  pointStyle: k.dashed ? 'rectRot' : 'circle',
  pointRadius: k.edge ? 0 : (c) => (c.chart.data.labels && c.chart.data.labels.length > 45 ? 1.5 : k.dashed ? 4 : 3.5),
  pointHoverRadius: k.edge ? 0 : 7,
  pointHitRadius: k.edge ? 0 : 12,
  pointBorderColor: k.edge ? 'transparent' : colour(k.look.ink),
  pointBorderWidth: 1.5,
  tension: 0.25,
  cubicInterpolationMode: 'monotone',
  spanGaps: true,
});
