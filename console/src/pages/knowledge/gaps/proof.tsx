/** What a draft would answer of a gap's questions; shown beside the editor of an article that is to close one. */
export interface ProofProps {
  site: string;
  gap: string;
  article: string;
  /** The draft's revision as it is saved; a proof of an older one is out of date. */
  revision: number;
}

export function ProofPanel({ gap, article, revision }: ProofProps) {
  return <aside data-gap={gap} data-article={article} data-revision={revision} />;
}
