-- How a search takes texts and queries apart into words: what is written in several ways becomes one, text without
-- spaces becomes pairs of characters, and words lose their endings. Texts and queries go through the same functions, so a
-- query is the words that the text would have (docs/decisions/0024-search-in-every-language.md). All of it is SQL, since
-- readers call news.search without any program of ours, and none of it needs an extension.

-- A character class of those that have a simplified form. Postgres takes 7 ms to prepare it, once per connection, and then
-- a tenth of a millisecond to look for them in a thousand characters.
DO $$
BEGIN
    EXECUTE format('CREATE FUNCTION depeche.traditional() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN %L',
                   (SELECT '[' || string_agg(traditional, '' ORDER BY traditional COLLATE "C") || ']' FROM depeche.han_variants));
END $$;

-- The characters of a text that have a simplified form, in that form.
CREATE FUNCTION depeche.simplified(given text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF length(given) > 300 AND given !~ depeche.traditional() THEN
        RETURN given;
    END IF;
    RETURN (
        SELECT coalesce(translate(given, string_agg(v.traditional, ''), string_agg(v.simplified, '')), given)
        FROM depeche.han_variants v WHERE v.traditional = ANY (string_to_array(given, NULL) COLLATE "C"));
END $$;

-- Letters of Arabic, Persian and Urdu that stand for each other, without vowel signs, hamza and the line that stretches a
-- word; and digits.
CREATE FUNCTION depeche.folded_arabic(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN translate(regexp_replace(given, '[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u0621\u0674]', '', 'g'),
                 'أإآٱىیےۓئېکڪةۀھہەۃؤ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹',
                 'ااااييييييككههههههو01234567890123456789');

-- Hebrew without vowel signs and without the forms of letters at the end of a word; a quotation mark within a word belongs to an abbreviation.
CREATE FUNCTION depeche.folded_hebrew(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(regexp_replace(translate(given, '־ךםןףץ', ' כמנפצ'),
    '[\u0591-\u05bd\u05bf-\u05c7]', '', 'g'), '([א-ת])["״”''׳’]+(?=[א-ת])', '\1', 'g');

-- Scripts of India: without the dot that marks sounds of other languages; a nasal before its own consonant is written as
-- a dot or as a letter.
CREATE FUNCTION depeche.folded_indic(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(
    translate(replace(regexp_replace(given, '[\u093c\u09bc\u0a3c\u0abc\u0b3c\u0cbc]', '', 'g'), 'ৎ', 'ত্'),
              'ॉँঁ०१२३४५६७८९০১২৩৪৫৬৭৮৯௦௧௨௩௪௫௬௭௮௯', 'ांং012345678901234567890123456789'),
    'ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])', 'ं', 'g');

-- Ethiopic letters that sound the same.
CREATE FUNCTION depeche.folded_ethiopic(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN translate(given, 'ሃሐሑሒሓሔሕሖኀኁኂኃኄኅኆሠሡሢሣሤሥሦዐዑዒዓዔዕዖኣፀፁፂፃፄፅፆ', 'ሀሀሁሂሀሄህሆሀሁሂሀሄህሆሰሱሲሳሴስሶአኡኢአኤእኦአጸጹጺጻጼጽጾ');

-- Thai and Lao write the vowel am as one letter or as two; digits of these, Khmer, Burmese and Tibetan.
CREATE FUNCTION depeche.folded_southeast_asian(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN translate(
    replace(regexp_replace(regexp_replace(given, '\u0e4d([\u0e48-\u0e4b]?)\u0e32', '\1' || U&'\0e33', 'g'),
                           '\u0ecd([\u0ec8-\u0ecb]?)\u0eb2', '\1' || U&'\0eb3', 'g'), 'เเ', 'แ'),
    '๐๑๒๓๔๕๖๗๘๙໐໑໒໓໔໕໖໗໘໙០១២៣៤៥៦៧៨៩၀၁၂၃၄၅၆၇၈၉༠༡༢༣༤༥༦༧༨༩',
    '01234567890123456789012345678901234567890123456789');

-- Both kinds of kana as one; a long vowel at the end of a foreign word is written or not.
CREATE FUNCTION depeche.folded_japanese(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(
    translate(given,
        'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔ・',
        'ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴ'),
    '([ァ-ヺ][ァ-ヺー]*[ァ-ヺ])ー(?![ァ-ヺー])', '\1', 'g');

-- Latin and Greek letters without accents, and what is written as two letters elsewhere as two. Other scripts keep their
-- accents, by which Russian endings differ, but not those that only show where a word is stressed.
CREATE FUNCTION depeche.folded_letters(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := regexp_replace(normalize(given, NFD), '([A-Za-zΑ-Ωα-ω])[\u0300-\u036f]+', '\1', 'g');
BEGIN
    -- To test whether the text is normalised takes a tenth of the time of normalising it.
    IF plain IS NOT NFC NORMALIZED THEN
        plain := normalize(plain, NFC);
    END IF;
    RETURN replace(replace(replace(translate(plain, 'øØłŁđĐıħĦ', 'oOlLdDihH'), 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss');
END $$;

-- Whether a text has no letters but Latin ones, nor characters that are not seen.
CREATE FUNCTION depeche.is_latin(given text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN octet_length(given) = length(given)
    OR given !~ '[\u00ad\u0370-\u1fff\u200b-\u200f\u202a-\u202e\u2060-\u2069\u2c00-\u2dff\u3005-\uffff\U00010000-\U0010ffff]';

-- The text as texts and queries are compared: without what is written in one place and not in another. Each script is
-- looked for before it is worked on, since most texts have one.
CREATE FUNCTION depeche.search_folded(given text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF octet_length(given) = length(given) THEN
        RETURN given;
    END IF;
    IF depeche.is_latin(given) THEN
        RETURN CASE WHEN given ~ '[\u00c0-\u036f]' THEN depeche.folded_letters(given) ELSE given END;
    END IF;
    IF given ~ '[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffef\ufb00-\ufdff\ufe70-\ufefc]' THEN
        given := normalize(given, NFKC);
    END IF;
    given := regexp_replace(given, '[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+', '', 'g');
    IF given ~ '[\u00c0-\u03ff\u1e00-\u1fff]' THEN
        given := regexp_replace(depeche.folded_letters(given), '[\u0300-\u036f]+', '', 'g');
    END IF;
    IF given ~ '[\u0400-\u04ff]' THEN
        given := regexp_replace(translate(given, 'ёЁѝЍ', 'еЕиИ'), '([\u0400-\u04ff])[''’ʼ‘`′](?=[\u0400-\u04ff])', '\1', 'g');
    END IF;
    IF given !~ '[\u0590-\u109f\u1200-\u137f\u1780-\u17ff\u3041-\u9fff]' THEN
        RETURN given;
    END IF;
    IF given ~ '[\u0590-\u05ff]' THEN
        given := depeche.folded_hebrew(given);
    END IF;
    IF given ~ '[\u0600-\u06ff]' THEN
        given := depeche.folded_arabic(given);
    END IF;
    IF given ~ '[\u0900-\u0dff]' THEN
        given := depeche.folded_indic(normalize(given, NFC));
    END IF;
    IF given ~ '[\u0e00-\u109f\u1780-\u17ff]' THEN
        given := depeche.folded_southeast_asian(normalize(given, NFC));
    END IF;
    IF given ~ '[\u1200-\u137f]' THEN
        given := depeche.folded_ethiopic(given);
    END IF;
    IF given ~ '[\u3041-\u30ff]' THEN
        given := depeche.folded_japanese(normalize(given, NFC));
    END IF;
    IF given ~ '[\u3400-\u9fff]' THEN
        given := depeche.simplified(given);
    END IF;
    RETURN given;
END $$;

-- The characters of scripts without spaces between words, for a character class: Han and kana; Thai, Lao, Tibetan (with
-- the point between syllables), Burmese and Khmer.
CREATE FUNCTION depeche.unspaced_clusters() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u0f0b\u0f0c\u0f40-\u0fbc\u1000-\u103f\u1050-\u109f\u1780-\u17d3\u17dd';
CREATE FUNCTION depeche.unspaced() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '\u3005\u3007\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u9fff\U00020000-\U0003134f' || depeche.unspaced_clusters();

-- What a reader takes for one character: a consonant with the vowels and marks around it, for Burmese with the consonant
-- that ends the syllable, for Tibetan a syllable.
CREATE FUNCTION depeche.one_cluster() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '[\u0e40-\u0e44\u0ec0-\u0ec4]?[\u0e01-\u0e2e\u0e81-\u0eae\u0edc-\u0edf][\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebd\u0ec8-\u0ecd]*'
    || '|[\u1000-\u102a\u103f\u1050-\u109f](?:\u1039[\u1000-\u1021]|[\u102b-\u1038\u103a-\u103e]|[\u1000-\u1021]\u1037?\u103a)*'
    || '|[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd])*'
    || '|[\u0f40-\u0fbc]+';

-- The text with each run of Han or kana as pairs of neighbours, and its last character once more: AB BC C for ABC. So a
-- run that is asked for is a phrase of pairs, and a single character the beginning of one.
CREATE FUNCTION depeche.pairs_of_characters(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH characters AS MATERIALIZED (SELECT string_to_array(given, NULL) COLLATE "C" AS all_of_them)
    SELECT string_agg(CASE
        WHEN one BETWEEN 'ぁ' AND '鿿' AND one <> '・' OR one IN ('々', '〇') OR one BETWEEN '𠀀' AND '𱍏' THEN
            CASE WHEN other BETWEEN 'ぁ' AND '鿿' AND other <> '・' OR other IN ('々', '〇') OR other BETWEEN '𠀀' AND '𱍏'
                THEN one || other || ' ' ELSE one || ' ' END
        WHEN other BETWEEN 'ぁ' AND '鿿' THEN one || ' '
        ELSE one END, '')
    FROM characters CROSS JOIN unnest(all_of_them, all_of_them[2:]) AS pair (one, other)
    WHERE one IS NOT NULL
$$;

-- The same for clusters. The case ending of a Tibetan syllable is left out.
CREATE FUNCTION depeche.pairs_of_clusters(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    WITH parts AS MATERIALIZED (
        SELECT array_agg(regexp_replace(part[1], '([\u0f40-\u0fbc])འ(?:ི|ིས|ོ|ང|མ)$', '\1')) AS clusters,
               array_agg(part[2]) AS others
        FROM regexp_matches(given, '(' || depeche.one_cluster() || ')[\u0f0b\u0f0c]?|([^' || depeche.unspaced_clusters() || ']+)|.', 'g') AS part)
    SELECT string_agg(coalesce(one || coalesce(following, '') || ' ', ' ' || other || ' '), '')
    FROM parts CROSS JOIN unnest(clusters, clusters[2:], others) AS pair (one, following, other));

-- The text with what has no spaces between words as pairs.
CREATE FUNCTION depeche.search_pairs(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF given ~ '[\u3005-\u9fff\U00020000-\U0003134f]' THEN
        given := depeche.pairs_of_characters(given);
    END IF;
    IF given ~ ('[' || depeche.unspaced_clusters() || ']') THEN
        given := depeche.pairs_of_clusters(given);
    END IF;
    RETURN given;
END $$;

-- A stage in which words lose endings, or beginnings: the longest one that fits, once or again and again, as long as
-- `keep` characters stay. `endings` has what takes the place of each, which is nothing for most.
CREATE TYPE depeche.search_stage AS (at_start boolean, keep integer, again boolean, longest integer, endings jsonb);

-- The ways in which words are formed. `words` is the configuration of Postgres that makes words of a text and leaves out
-- stop words; for languages with a good dictionary there, nothing else is done (`by_postgres`). `dictionary` gives a word
-- its stem, if anything does, and stages take off endings before and after it. `spellings` are pieces of a text that
-- others take the place of, one after the other, before words are made.
--
-- A word that is asked for and that has some of `letters` is looked up by its stem, by the stems that the stages of `also`
-- make of it, and by those that are `alike`: that costs texts nothing. Configurations are text, since pg_upgrade refuses
-- columns of type regconfig.
CREATE TABLE depeche.search_stemmers (
    config      text PRIMARY KEY,
    words       text NOT NULL,
    by_postgres boolean NOT NULL DEFAULT true,
    dictionary  text,
    letters     text,
    spellings   text[] NOT NULL DEFAULT '{}',
    before      depeche.search_stage[] NOT NULL DEFAULT '{}',
    after       depeche.search_stage[] NOT NULL DEFAULT '{}',
    also        depeche.search_stage[] NOT NULL DEFAULT '{}',
    alike       jsonb NOT NULL DEFAULT '{}'
);

-- The words without the endings of a stage. It does so for many words at once, since to hand on a table of endings takes
-- longer than to look up a word in it, and without a loop over lengths, which takes three times as long.
CREATE FUNCTION depeche.without_endings(words text[], stage depeche.search_stage) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    endings  jsonb := stage.endings;
    at_start boolean := stage.at_start;
    longest  integer := stage.longest;
    keep     integer := stage.keep;
    again    boolean := stage.again;
    word     text;
    size     integer;
BEGIN
    FOR place IN 1..coalesce(cardinality(words), 0) LOOP
        word := words[place];
        LOOP
            size := least(longest, length(word) - keep);
            size := CASE WHEN at_start THEN CASE
            WHEN size >= 10 AND endings ? left(word, 10) THEN 10
            WHEN size >= 9 AND endings ? left(word, 9) THEN 9
            WHEN size >= 8 AND endings ? left(word, 8) THEN 8
            WHEN size >= 7 AND endings ? left(word, 7) THEN 7
            WHEN size >= 6 AND endings ? left(word, 6) THEN 6
            WHEN size >= 5 AND endings ? left(word, 5) THEN 5
            WHEN size >= 4 AND endings ? left(word, 4) THEN 4
            WHEN size >= 3 AND endings ? left(word, 3) THEN 3
            WHEN size >= 2 AND endings ? left(word, 2) THEN 2
            WHEN size >= 1 AND endings ? left(word, 1) THEN 1
                END
            ELSE CASE
            WHEN size >= 10 AND endings ? right(word, 10) THEN 10
            WHEN size >= 9 AND endings ? right(word, 9) THEN 9
            WHEN size >= 8 AND endings ? right(word, 8) THEN 8
            WHEN size >= 7 AND endings ? right(word, 7) THEN 7
            WHEN size >= 6 AND endings ? right(word, 6) THEN 6
            WHEN size >= 5 AND endings ? right(word, 5) THEN 5
            WHEN size >= 4 AND endings ? right(word, 4) THEN 4
            WHEN size >= 3 AND endings ? right(word, 3) THEN 3
            WHEN size >= 2 AND endings ? right(word, 2) THEN 2
            WHEN size >= 1 AND endings ? right(word, 1) THEN 1
                WHEN size >= 0 AND endings ? '' THEN 0
                END
            END;
            EXIT WHEN size IS NULL;
            word := CASE WHEN at_start THEN (endings ->> left(word, size)) || substr(word, size + 1)
                ELSE left(word, length(word) - size) || (endings ->> right(word, size)) END;
            words[place] := word;
            EXIT WHEN NOT again;
        END LOOP;
    END LOOP;
    RETURN words;
END $$;

-- Short words of Spanish and Portuguese that end in a vowel mostly name another thing with another vowel (`libro`,
-- `libra`), but not these adjectives and persons.
CREATE FUNCTION depeche.is_of_two_genders(word text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(word, -1) = ANY (
    '{nuev,alt,baj,buen,mal,much,poc,larg,cort,negr,roj,blanc,viej,clar,sec,viv,tod,otr,ric,dur,seri,medi,hij,chic,'
    'nov,bo,mui,muit,curt,pret,branc,velh,filh,tod,outr,prim,net,sogr,tia,ti,niet,abuel,espos,noss,vari,fals,rar,just}'::text[]);

-- The stems of words. A syllable of Ethiopic ends a word with any vowel.
CREATE FUNCTION depeche.search_stems(words text[], stemmer depeche.search_stemmers) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    dictionary regdictionary := stemmer.dictionary::regdictionary;
    serbian    boolean := stemmer.config = 'serbian';
    stage      depeche.search_stage;
    word       text;
BEGIN
    FOREACH stage IN ARRAY coalesce(stemmer.before, '{}') LOOP
        words := depeche.without_endings(words, stage);
    END LOOP;
    IF dictionary IS NOT NULL THEN
        FOR place IN 1..coalesce(cardinality(words), 0) LOOP
            word := words[place];
            IF serbian OR length(word) > 5 AND right(word, 2) <> 'ao' OR length(word) = 5 AND right(word, 1) NOT IN ('a', 'e', 'o')
                OR depeche.is_of_two_genders(word) THEN
                word := coalesce((ts_lexize(dictionary, word))[1], word);
                words[place] := CASE WHEN serbian THEN depeche.search_folded(word) ELSE word END;
            END IF;
        END LOOP;
    END IF;
    FOREACH stage IN ARRAY coalesce(stemmer.after, '{}') LOOP
        words := depeche.without_endings(words, stage);
    END LOOP;
    IF stemmer.config = 'amharic' THEN
        words := ARRAY(
            SELECT CASE WHEN right(each, 1) BETWEEN 'ሀ' AND 'ፗ' THEN left(each, -1) || chr(ascii(right(each, 1)) & ~7 | 5) ELSE each END
            FROM unnest(words) WITH ORDINALITY AS one (each, place) ORDER BY place);
    END IF;
    RETURN words;
END $$;

-- The parts by which a compound of Korean is found as well: two or three syllables at either end.
CREATE FUNCTION depeche.parts_of_compound(word text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN word !~ '^[가-힣]{4,}$' THEN '{}' WHEN length(word) = 4 THEN ARRAY[left(word, 2), right(word, 2)]
    ELSE ARRAY[left(word, 2), left(word, 3), right(word, 2), right(word, 3)] END;

CREATE FUNCTION depeche.quoted_lexeme(lexeme text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''';

-- The folded text as a language spells it, where it does so in several ways. Titles and queries may be in capitals.
CREATE FUNCTION depeche.spelled(folded text, spellings text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    spelling text;
BEGIN
    IF cardinality(spellings) > 0 AND length(folded) < 2000 THEN
        folded := lower(folded);
    END IF;
    FOREACH spelling IN ARRAY spellings LOOP
        folded := replace(folded, split_part(spelling, '>', 1), split_part(spelling, '>', 2));
    END LOOP;
    RETURN folded;
END $$;

-- The words of a text.
CREATE FUNCTION depeche.search_vector(stemmer depeche.search_stemmers, given text) RETURNS tsvector
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    folded text := depeche.search_folded(given);
    words  tsvector;
    stems  text[];
BEGIN
    IF NOT depeche.is_latin(given) THEN
        folded := depeche.search_pairs(folded);
    END IF;
    words := to_tsvector(stemmer.words::regconfig, depeche.spelled(folded, stemmer.spellings));
    IF stemmer.by_postgres THEN
        RETURN words;
    END IF;
    stems := depeche.search_stems(tsvector_to_array(words), stemmer);
    IF stemmer.config = 'korean' THEN
        RETURN (
            SELECT coalesce(string_agg(depeche.quoted_lexeme(stem) || ':' || array_to_string(word.positions, ','), ' '), '')::tsvector
            FROM unnest(words) WITH ORDINALITY AS word (lexeme, positions, weights, place),
                unnest(stems[place] || depeche.parts_of_compound(stems[place])) AS stem);
    END IF;
    RETURN (
        SELECT coalesce(string_agg(depeche.quoted_lexeme(stems[place]) || ':' || array_to_string(word.positions, ','), ' '), '')::tsvector
        FROM unnest(words) WITH ORDINALITY AS word (lexeme, positions, weights, place));
END $$;

-- A run of characters without spaces, as it is asked for: a phrase of its pairs.
CREATE FUNCTION depeche.asked_run(run text, quoted boolean) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT CASE WHEN quoted THEN ' ' || phrase || ' ' ELSE ' "' || phrase || '" ' END
    FROM (SELECT CASE WHEN cardinality(pairs) = 1 THEN pairs[1] ELSE array_to_string(trim_array(pairs, 1), ' ') END AS phrase
          FROM (SELECT regexp_split_to_array(btrim(depeche.search_pairs(run)), ' +') AS pairs) AS taken) AS joined);

-- The syllables that may follow the stem of a verb or adjective of Japanese, by the first one of the form that is asked for.
CREATE FUNCTION depeche.verb_rows() RETURNS TABLE (letter text, found_by text, forms text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    VALUES ('ㇰ', 'かきくけこ', 'カキクケコイ'), ('ㇱ', 'がぎぐげご', 'ガギグゲゴイ'), ('ㇲ', 'さしすせそ', 'サシスセソ'),
        ('ㇳ', 'ざじずぜぞ', 'ザジズゼゾ'), ('ㇴ', 'たちつてと', 'タチツテトッルナマ'), ('ㇵ', 'だぢづでど', 'ダヂヅデド'),
        ('ㇶ', 'なにぬねの', 'ナニヌネノン'), ('ㇷ', 'ばびぶべぼ', 'バビブベボン'), ('ㇸ', 'まみむめも', 'マミムメモン'),
        ('ㇹ', 'らりるれろ', 'ラリルレロッタテナマ'), ('ㇺ', 'わうえお', 'ワイウエオッ'), ('ㇻ', 'い', 'イクカケサキワウエッ'),
        ('ㇼ', 'っ', 'ッタチツテトラリルレロワイウエオ'), ('ㇽ', 'ん', 'ンナニヌネノバビブベボマミムメモ')
$$;

-- A verb or adjective of Japanese that is asked for, as its stem and a letter for the row of syllables that follow the stem
-- in its forms: 書ㇰ for 書く and 書いた. A verb made of a noun and する is the noun.
CREATE FUNCTION depeche.asked_verbs(query text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    WITH noun AS MATERIALIZED (
        SELECT regexp_replace(query, '([一-鿿]{2})(?:する|した|して|しない|します|しました|している|される|された|されて)(?![ぁ-ヿ一-鿿])',
                              '\1', 'g') AS query
    ), verb AS MATERIALIZED (
        SELECT noun.query, substring(noun.query, '[一-鿿]([あ-わ]{0,2}(?:[うくぐすつぬぶむるい]|[たてだで]|ます|ました|ません|ない|なかった|かった|くて|くない|られる|られた|れる|れた))$') AS tail
        FROM noun)
    SELECT CASE WHEN tail IS NULL THEN query
        ELSE left(query, -length(tail)) || (
            SELECT rows.letter FROM depeche.verb_rows() AS rows
            WHERE strpos(rows.found_by, left(tail, 1)) > 0 LIMIT 1) END
    FROM verb);

-- What a person typed, with the runs of characters without spaces as phrases. Within quotation marks they already are.
CREATE FUNCTION depeche.asked_text(query text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    folded text := depeche.search_folded(depeche.asked_verbs(query));
    piece  text;
    run    text[];
    quoted boolean := false;
    result text := '';
BEGIN
    IF octet_length(folded) = length(folded) THEN
        RETURN folded;
    END IF;
    FOREACH piece IN ARRAY string_to_array(folded, '"') LOOP
        FOR run IN SELECT regexp_matches(piece, '([' || depeche.unspaced() || ']+)|([^' || depeche.unspaced() || ']+)', 'g') LOOP
            result := result || coalesce(depeche.asked_run(run[1], quoted), run[2]);
        END LOOP;
        result := result || '"';
        quoted := NOT quoted;
    END LOOP;
    RETURN left(result, -1);
END $$;

-- The stems by which a word is looked up, the first of which is its own. `typed` are the words of the query as they were
-- typed. Where a dictionary took something off such a word, it may be the stem of other forms: `soldat` of `soldaterna`.
CREATE FUNCTION depeche.asked_stems(word text, stemmer depeche.search_stemmers, typed text[]) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    stem  text := (depeche.search_stems(ARRAY[word], stemmer))[1];
    stems text[] := ARRAY[stem];
    other text;
    stage depeche.search_stage;
BEGIN
    FOREACH other IN ARRAY CASE WHEN stemmer.words ~ '^pg_catalog.(?!simple)' THEN typed ELSE '{}' END LOOP
        other := depeche.spelled(other, stemmer.spellings);
        IF length(other) > 2 AND other <> word AND starts_with(other, left(word, -1))
            AND (ts_lexize((stemmer.words || '_stem')::regdictionary, other))[1] = word THEN
            stems := stems || depeche.search_stems(ARRAY[other], stemmer);
        END IF;
    END LOOP;
    FOREACH stage IN ARRAY coalesce(stemmer.also, '{}') LOOP
        stems := stems || depeche.without_endings(stems[:2], stage);
    END LOOP;
    IF stemmer.config IN ('pg_catalog.german', 'dutch') AND length(stem) > 2 THEN
        stems := stems || ('ge' || stem || CASE WHEN stem ~ '[dt]$' THEN 'et' ELSE 't' END);
    END IF;
    IF stemmer.alike ? stem THEN
        stems := stems || ARRAY(SELECT jsonb_array_elements_text(stemmer.alike -> stem));
    END IF;
    RETURN ARRAY(SELECT one FROM unnest(stems) WITH ORDINALITY AS each (one, place) GROUP BY one ORDER BY min(place));
END $$;

-- A word of a query, as it is looked up. One character of a script without spaces is the beginning of a pair.
CREATE FUNCTION depeche.asked_word(word text, stemmer depeche.search_stemmers, typed text[]) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    stems text[] := depeche.asked_stems(word, stemmer, typed);
    stem  text := stems[1];
BEGIN
    IF stem ~ ('^([\u3005\u3007\u3041-\u30fa\u30fc-\u30ff\u3400-\u9fff]|' || depeche.one_cluster() || ')$') THEN
        RETURN depeche.quoted_lexeme(stem) || ':*';
    ELSIF stem ~ '^[一-鿿][ㇰ-ㇿ]$' THEN
        RETURN '( ' || (
            SELECT string_agg(depeche.quoted_lexeme(left(stem, 1) || form), ' | ')
            FROM depeche.verb_rows() AS rows, string_to_table(rows.forms, NULL) AS form
            WHERE rows.letter = right(stem, 1)) || ' )';
    ELSIF stemmer.config = 'korean' AND stem ~ '^[가-힣]{4,6}$' THEN
        RETURN format('( %s | %s <-> %s )', depeche.quoted_lexeme(stem), depeche.quoted_lexeme(left(stem, length(stem) / 2)),
                      depeche.quoted_lexeme(right(stem, length(stem) - length(stem) / 2)));
    ELSIF cardinality(stems) > 1 THEN
        RETURN '( ' || (SELECT string_agg(depeche.quoted_lexeme(one), ' | ') FROM unnest(stems) AS one) || ' )';
    END IF;
    RETURN depeche.quoted_lexeme(stem);
END $$;

-- The query with each of its words as it is looked up; without a stemmer, they have the form of Postgres' dictionary.
CREATE FUNCTION depeche.search_query(asked tsquery, stemmer depeche.search_stemmers, typed text[]) RETURNS tsquery
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(string_agg(coalesce(
        depeche.asked_word(replace(replace(part[1], '''''', ''''), '\\', '\'), stemmer, typed), part[2]), ''), '')
    FROM regexp_matches(asked::text, '''((?:[^'']|'''')*)''|([^'']+)', 'g') AS part)::tsquery;

-- The words of a query that a text should have, as they are looked up.
CREATE FUNCTION depeche.asked_lexemes(query tsquery) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT replace(replace(word[2], '''''', ''''), '\\', '\')
    FROM regexp_matches(query::text, '(!?)''((?:[^'']|'''')+)''', 'g') AS word WHERE word[1] = '');

-- The runs of characters without spaces in a query, the longest first, as they stand in a folded text.
CREATE FUNCTION depeche.asked_runs(query text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(query) = length(query) THEN '{}'::text[] ELSE ARRAY(
    SELECT rtrim(run[1], 'ㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽ')
    FROM regexp_matches(depeche.search_folded(depeche.asked_verbs(query)), '([' || depeche.unspaced() || ']+)', 'g') AS run
    ORDER BY length(run[1]) DESC) END;
