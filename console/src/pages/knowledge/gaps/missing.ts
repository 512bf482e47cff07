/** Which words of a question an article does not use: what an author would add for it to be found. */

// Words that say nothing of the matter. Short ones are left out by their length.
const EMPTY = new Set(
  ('about after again also another been before being both came come could does doing dont each even ever every from give goes going have having hello here into just know like long make many maybe more most much must need only other over please really same should some something still such than thank thanks that their them then there these they thing this those through time today very want wants were what when where which while will with would your yours youre ' +
    'aber alle alles also andere auch beim bitte danke dann dass dein deine denn dies diese dieser doch dort durch eine einem einen einer eines etwas euch eure euer gibt ganz geht gerne habe haben hallo hast hätte hier ihre immer jetzt kann kannst kein keine können könnte machen mein meine meinen meiner mich mehr muss nach nicht noch nichts oder ohne schon sein seine sehr sich sind sollte trotzdem über unter viel vielleicht wann warum welche welcher wenn werden wieder will wird wissen wollen würde wurde').split(' '),
);
const SHORTEST = 4;
/** Endings differ from sentence to sentence; so much of a word's beginning has to agree. */
const SAME = 0.7;
const MOST = 4;

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** At most four words, as they stand in the question. */
export function missing(question: string, article: string): string[] {
  const held = [...new Set(wordsOf(article))];
  const has = (word: string) => {
    const stem = word.slice(0, Math.max(SHORTEST, Math.ceil(word.length * SAME)));
    return held.some((h) => h.startsWith(stem) || (h.length >= SHORTEST && word.startsWith(h)));
  };
  const out: string[] = [];
  for (const word of wordsOf(question)) {
    if (word.length < SHORTEST || EMPTY.has(word) || out.includes(word) || has(word)) continue;
    out.push(word);
  }
  return out.slice(0, MOST);
}
