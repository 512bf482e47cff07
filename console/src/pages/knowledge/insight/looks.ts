/** How each kind looks: an ink and a soft colour out of the tokens, and a pattern, so that kinds differ without colours, too. */

export type Fill = 'solid' | 'hatch' | 'dots' | 'cross';

export interface Look {
  ink: string;
  soft: string;
  fill: Fill;
}

const look = (name: string, fill: Fill): Look => ({ ink: `--${name}-ink`, soft: `--${name}-soft`, fill });
const ACCENT: Look = { ink: '--accent', soft: '--accent-soft', fill: 'solid' };

export const LOOKS: Record<string, Look> = {
  answered: ACCENT,
  clarified: look('warn', 'hatch'),
  escalated: look('bot', 'dots'),
  abandoned: look('bad', 'cross'),
  accepted: ACCENT,
  edited: look('bot', 'dots'),
  discarded: look('bad', 'cross'),
  up: ACCENT,
  down: look('bad', 'cross'),
  worked: ACCENT,
  person: look('bot', 'dots'),
  cost: ACCENT,
  line: { ink: '--accent-ink', soft: '--accent-soft', fill: 'solid' },
  far: look('feel', 'solid'),
};

/** The colour that a token has now. */
export const colour = (token: string) => getComputedStyle(document.documentElement).getPropertyValue(token).trim();

const SIDE = 8;

/** What a bar is filled with. */
export function filling(look: Look): string | CanvasPattern {
  const ink = colour(look.ink);
  const tile = document.createElement('canvas');
  const ratio = Math.max(1, Math.round(devicePixelRatio));
  tile.width = tile.height = SIDE * ratio;
  const pen = tile.getContext('2d');
  if (look.fill === 'solid' || !pen) return ink;
  pen.scale(ratio, ratio);
  pen.fillStyle = colour(look.soft);
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = 1.6;
  pen.lineCap = 'square';
  const line = (x1: number, y1: number, x2: number, y2: number) => {
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  };
  if (look.fill === 'dots') {
    for (const [x, y] of [[2, 2], [6, 6]] as const) {
      pen.beginPath();
      pen.arc(x, y, 1.3, 0, 2 * Math.PI);
      pen.fill();
    }
  } else {
    for (const shift of [-SIDE, 0, SIDE]) line(shift, SIDE, shift + SIDE, 0);
    if (look.fill === 'cross') for (const shift of [-SIDE, 0, SIDE]) line(shift, 0, shift + SIDE, SIDE);
  }
  const pattern = pen.createPattern(tile, 'repeat');
  pattern?.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern ?? ink;
}
