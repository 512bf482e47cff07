/** One way to ask the server: JSON in, JSON out, and errors as sentences for people. */
import { t } from '../i18n';
import type { Named, Span } from './types';

const WITHIN = 20_000;

/** What the server refused, or could not be asked. `message` is a sentence to show. */
export class ApiError extends Error {
  constructor(
    /** 0 where the server was not reached. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly more: { claimed_by?: Named; facts?: Span[]; retryAfter?: number } = {},
  ) {
    super(message);
  }

  /** The same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

let onSignedOut: () => void = () => undefined;

/** Sets what is called when the server no longer knows who asks. */
export function whenSignedOut(run: () => void): void {
  onSignedOut = run;
}

type Query = Record<string, string | number | boolean | undefined>;

export function address(path: string, query?: Query): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(query ?? {})) if (v !== undefined && v !== '') q.set(k, String(v));
  const s = q.toString();
  return `/v1/console/${path}${s ? `?${s}` : ''}`;
}

export async function call<T>(method: string, path: string, body?: unknown, query?: Query): Promise<T> {
  let res: Response;
  try {
    res = await fetch(address(path, query), {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? { Accept: 'application/json' } : { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(WITHIN),
    });
  } catch {
    throw new ApiError(0, 'unreachable', t('error_unreachable'));
  }
  const data = await read(res);
  if (res.ok) return data as T;
  const o = data && typeof data === 'object' ? (data as Record<string, unknown>) : {};
  const code = typeof o.code === 'string' ? o.code : '';
  if (res.status === 401 && code === 'signed_out') onSignedOut();
  const detail = typeof o.detail === 'string' && o.detail ? o.detail : t(res.status >= 500 ? 'error_server' : 'error_refused');
  throw new ApiError(res.status, code, detail, {
    ...(o as { claimed_by?: Named; facts?: Span[] }),
    retryAfter: Number(res.headers.get('Retry-After')) || 0,
  });
}

async function read(res: Response): Promise<unknown> {
  if (res.status === 204) return undefined;
  try {
    return await res.json();
  } catch {
    return undefined;
  }
}
