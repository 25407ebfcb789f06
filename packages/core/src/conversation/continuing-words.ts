/**
 * Words after which somebody has more to say: conjunctions, articles and the like, and the sounds of
 * thinking. One that often ends a sentence, be it in another language ("that", "in", the German "am"), is
 * not among them.
 */
export const CONTINUING_WORDS: ReadonlySet<string> = words(
  // English
  'and or but because if when although unless until whether',
  "the a an my your our their every to of with as than i'm i'd i'll i've we're we'd",
  'um umm uh uhm er erm hmm',
  // German
  'und oder aber weil dass wenn ob obwohl sondern',
  'der den dem des ein eine einen einem einer eines mein meine meinen unser unsere',
  'für zum zur vom beim äh ähm öh öhm hm',
  // French
  'et ou mais donc parce puisque que quand lorsque',
  'le la les un une du aux mon ma mes votre vos notre nos pour par euh heu',
  // Spanish
  'y o u pero porque cuando aunque el los las una unos unas de del al con para por mi eh em mmm',
  // Italian
  'e ed che siccome il lo gli uno di della dei alla nel nella per ehm',
  // Portuguese
  'mas embora os um uma com meu minha hum ahn',
  // Dutch
  'en maar omdat terwijl de een mijn jouw onze voor naar',
  // Hindi and Korean
  'और या लेकिन मगर क्योंकि कि अगर',
  '그리고 그런데 하지만 그래서 왜냐하면 음',
);

/** The same for scripts that put no space between words: how such a text ends. */
export const CONTINUING_ENDINGS: readonly string[] = [
  ...words('和 但是 可是 因为 所以 然后 如果 还有'), // Chinese
  ...words('けど ので それで そして でも えっと ええと あのー'), // Japanese
];

function words(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}
