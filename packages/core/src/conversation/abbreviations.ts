/**
 * Abbreviations by what their full stop says, written without it. One in lower case is also meant where
 * it is capitalised, but not in capitals: "ca." and "Ca.", not the "CA." of an address. What is also
 * written with spaces ("z. B.") stands here without them.
 */

/** Never the end: what they belong to follows. */
export const MORE_FOLLOWS: ReadonlySet<string> = words(
  // English, and what several languages share
  'dr mr mrs ms mx prof st messrs vs e.g i.e cf viz dept',
  'Rev Hon Gen Col Lt Sgt Capt Cmdr Maj Sen Rep Gov Pres Mt Ft',
  // German
  'z.B d.h u.a v.a u.U z.T m.E i.d.R bzw bspw ca evtl ggf inkl exkl zzgl vgl sog geb gest mind allg',
  'Hr Fr Frl Str Ing Mag Dipl Dipl.-Ing',
  // French
  'Mme Mmes Mlle Mgr MM av boul env p.ex c.-à-d',
  // Spanish and Portuguese
  'sr sra srta sres dra Da Dña lic gral sto sta p.ej p.ex EE Avda avda exmo exma profa',
  // Italian
  'sig sigg sig.ra sig.na dott dott.ssa prof.ssa avv ing gent spett p.es per.es',
  // Dutch
  'dhr mevr mw drs bijv d.w.z o.a m.b.t i.v.m n.a.v t.a.v evt incl excl resp zgn',
);

/** The end unless a number follows: "No. 5", but "No. It is not." */
export const NUMBER_FOLLOWS: ReadonlySet<string> = words(
  'no nos nr nro núm num vol fig figs pp pg pag pagg pág págs blz art abs kap bd ch chap sec sect',
  'ver ed max min approx aprox tel tél ext',
  'jan feb mar apr jun jul aug sep sept oct okt nov dec dez',
);

/** The end unless it goes on in lower case: "5 p.m. today", but "5 p.m. Bye." */
export const MAYBE_LAST: ReadonlySet<string> = words(
  'etc usw usf ecc enz a.m p.m A.M P.M inc ltd co corp plc llc ltda cía bros jr',
  'ft lb lbs oz tsp tbsp hr hrs yr yrs std sek mio mrd jh v.Chr n.Chr J.-C j.-C',
  'Ud Uds Vd Vds EE.UU Ph.D blvd ave rd misc est S.A S.p.A S.r.l',
);

/** The months that an ordinal stands before, where months are capitalised. */
export const MONTHS: ReadonlySet<string> = words(
  'Januar Jänner Februar Feber März April Mai Juni Juli August September Oktober November Dezember',
  'Jan Feb Mär Apr Jun Jul Aug Sep Sept Okt Nov Dez',
);

/** The words of German before an ordinal that is written in digits: "im 19. Jahrhundert". */
export const ORDINAL_ARTICLES: ReadonlySet<string> = words(
  'der die das den dem des im vom zum zur ins ihr ihre sein seine mein meine jeder jede jedes',
);

/** Words that begin sentences and are no surnames: "the U.S. It is", but "J. R. R. Tolkien". */
export const SENTENCE_OPENERS: ReadonlySet<string> = words(
  'The This That These Those There Then It He She They We You I If In On At And But So Or As For To',
  'What When Where Why How Who Which Is Are Was Do Does Can Could Would Should Yes No Not Now Here',
  'Its His Her Their Our Your My However Also Please Let',
  'Das Es Er Sie Wir Ich Und Aber Dann Ist Il Elle Nous Vous Je Et Mais Pero Y Ma Het Dat Maar En',
);

function words(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}
