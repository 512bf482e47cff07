/** Asks for something and shows it: bars while it comes, the sentence and a retry where it does not. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { Failure, Skeleton } from './pieces';

export interface Loaded<T> {
  data: T | undefined;
  error: string;
  again: () => Promise<void>;
  set: (v: T) => void;
}

export function useLoad<T>(ask: () => Promise<T>, deps: readonly unknown[]): Loaded<T> {
  const [data, setData] = useState<T>();
  const [error, setError] = useState('');
  const round = useRef(0);
  const again = useCallback(async () => {
    const mine = ++round.current;
    setError('');
    try {
      const got = await ask();
      if (mine === round.current) setData(() => got);
    } catch (err) {
      if (mine === round.current) setError((err as Error).message);
    }
  }, deps);
  useEffect(() => {
    setData(undefined);
    void again();
    return () => void round.current++;
  }, deps);
  return { data, error, again, set: (v) => setData(() => v) };
}

export function Show<T>({ from, rows = 4, children }: { from: Loaded<T>; rows?: number; children: (data: T) => ComponentChildren }) {
  if (from.error && from.data === undefined) return <Failure text={from.error} retry={() => void from.again()} />;
  if (from.data === undefined) return <Skeleton rows={rows} />;
  return <>{children(from.data)}</>;
}
