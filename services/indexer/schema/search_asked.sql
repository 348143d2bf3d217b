-- By what else than its stem a word of a query is looked up. Texts pay nothing for it, so it is the place for what languages
-- have beside regular endings: forms that a dictionary of Postgres does not join, another spelling, irregular verbs.

-- By which letters one sees that a query may be in a language of Postgres' own dictionaries.
UPDATE depeche.search_stemmers SET letters = CASE split_part(config, '.', 2)
    WHEN 'russian' THEN '[\u0400-\u04ff]' WHEN 'greek' THEN '[\u0370-\u03ff]' WHEN 'armenian' THEN '[\u0531-\u058f]'
    WHEN 'nepali' THEN '[\u0900-\u097f]' WHEN 'hindi' THEN '[\u0900-\u097f]' WHEN 'tamil' THEN '[\u0b80-\u0bff]'
    WHEN 'arabic' THEN '[\u0600-\u06ff]' WHEN 'yiddish' THEN '[\u05d0-\u05ea]' WHEN 'serbian' THEN NULL ELSE '[A-Za-z]' END
WHERE by_postgres AND config <> 'pg_catalog.simple';

-- English: -ize and -ise, and words in -ity, which its dictionary takes for forms of the word before (`university` for
-- `universe`). French: a feminine participle has the stem of the masculine one.
UPDATE depeche.search_stemmers SET spellings = '{iz>is,ity>iqy,itie>iqie}'
WHERE config = 'pg_catalog.english';
UPDATE depeche.search_stemmers SET spellings = '{ee>e}' WHERE config = 'pg_catalog.french';

-- As in search_endings.sql; an ending that is nothing is put at the end of a stem.
UPDATE depeche.search_stemmers s SET also = stages.also
FROM (
    SELECT given.config, array_agg((given.at_start, given.keep, false, listed.longest, listed.endings)::depeche.search_stage
                                   ORDER BY given.stage) AS also
    FROM (VALUES
        ('pg_catalog.english', 1, false, 0, 'bour>bor bor>bour lour>lor lor>lour nour>nor nor>nour vour>vor vor>vour mour>mor mor>mour iour>ior vourit>vorit vorit>vourit defens>defenc defenc>defens offens>offenc offenc>offens centr>center center>centr theatr>theater theater>theatr vell>vel vel>vell cell>cel cel>cell bell>bel bel>bell fuell>fuel signall>signal metr>meter programm>program crise>crisi crisi>crise analys>analysi analysi>analys analyz>analys nife>nive nive>nife wife>wive wive>wife olf>olv olv>olf half>halv calf>calv helf>helv helv>helf leaf>leav leav>leaf thief>thiev thiev>thief loaf>loav smen>sman sman>smen emen>eman eman>emen nmen>nman nman>nmen women>woman woman>women rmen>rman rman>rmen'),
        ('pg_catalog.english', 2, true, 3, 'coo>co-o coe>co-e reo>re-o ree>re-e pree>pre-e anti>anti- non>non- semi>semi- multi>multi- self>self- ex>ex- mid>mid-'),
        ('pg_catalog.german', 1, false, 5, '>t t>'),
        ('pg_catalog.german', 2, false, 3, 'i>iert iert>i um> n>net eum>e'),
        ('pg_catalog.german', 3, false, 4, '>ert'),
        ('dutch', 1, false, 3, 'm>md p>pt k>kt g>gd l>ld r>rd n>nd s>st f>fd'),
        ('dutch', 2, false, 3, 'm>mt l>lt n>nt r>rt g>gt'),
        ('dutch', 3, false, 3, 'md>m mt>m pt>p kt>k gd>g gt>g ld>l lt>l rd>r rt>r fd>f'),
        ('pg_catalog.french', 1, false, 3, 'ent> >ent'),
        ('pg_catalog.french', 2, false, 1, 'oi>ois'),
        ('pg_catalog.greek', 1, false, 4, 'ι> >ι'),
        ('pg_catalog.indonesian', 1, true, 3, 't> k> a>ta e>te i>ti o>to u>tu'),
        ('pg_catalog.indonesian', 2, true, 3, 'a>ka e>ke i>ki o>ko u>ku'),
        ('pg_catalog.italian', 1, false, 2, 'gh>g g>gh ch>c'),
        ('pg_catalog.lithuanian', 1, false, 3, 'ej> >ej oj> aj>'),
        ('pg_catalog.lithuanian', 2, false, 2, 't>c c>t d>dz dz>d'),
        ('pg_catalog.russian', 1, false, 3, 'ова> >ова ева>'),
        ('pg_catalog.russian', 2, false, 2, 'ок>к ек>к ец>ц к>ок ц>ец'),
        ('finnish', 1, false, 6, 'o> >o'),
        ('polish', 1, false, 3, 'al> >al'),
        ('swedish', 3, false, 2, 'fer>fr fel>fl gel>gl ker>kr kel>kl der>dr del>dl ter>tr tel>tl ger>gr per>pr pel>pl sel>sl cel>cl gen>gn ken>kn ven>vn'),
        ('swedish', 1, false, 2, 'o>on i>in p>pn k>kn y>yarn'),
        ('swedish', 2, false, 4, 'd> um> m>md r>rd n>nd g>gd v>vd'),
        ('ukrainian', 1, false, 3, 'ат> ит> >ат'),
        ('ukrainian', 2, false, 3, 'ов> >ов'),
        ('bulgarian', 1, false, 3, 'ат> >ат'),
        ('czech', 1, false, 3, '>ov ov>'),
        ('vietnamese', 1, false, 0, 'ky>ki ki>ky ly>li li>ly my>mi mi>my ty>ti ti>ty hy>hi hi>hy sy>si si>sy uy>ui ui>uy'),
        ('hebrew', 1, false, 3, 'ת>'),
        ('amharic', 1, false, 2, '>ም'),
        ('korean', 1, false, 1, '>가'),
        ('swahili', 1, true, 3, 'ta>')
    ) AS given (config, stage, at_start, keep, endings)
    CROSS JOIN LATERAL (
        SELECT max(length(split_part(ending, '>', 1))) AS longest,
               jsonb_object_agg(split_part(ending, '>', 1), split_part(ending, '>', 2)) AS endings
        FROM string_to_table(given.endings, ' ') AS ending) AS listed
    GROUP BY 1) AS stages
WHERE s.config = stages.config;

-- Forms of one word that no rule joins, with commas between the words.
UPDATE depeche.search_stemmers s SET alike = sets.alike
FROM (
    SELECT found.config, jsonb_object_agg(found.stem, found.others) AS alike
    FROM (
        SELECT one.config, one.stem, jsonb_agg(DISTINCT other.stem) AS others
        FROM (VALUES
            ('pg_catalog.english', 'mouse mice, tooth teeth, foot feet, goose geese, us u.s, uk u.k, un u.n, eu e.u, email e-mail, website web-site, online on-line, takeover take-over, ceasefire cease-fire, child children, man men, person people, appendix appendices, index indices, begin began begun, break broke broken, bring brought, build built, buy bought, catch caught, choose chose chosen, deal dealt, draw drew drawn, drink drank drunk, drive drove driven, eat ate eaten, fall fell fallen, feel felt, fight fought, find found, flee fled, fly flew flown, forbid forbade forbidden, freeze froze frozen, get got, give gave given, go went gone, grow grew grown, hang hung, hear heard, hide hid hidden, hold held, keep kept, know knew known, lead led, lend lent, lose lost, make made, meet met, pay paid, ride rode ridden, rise rose risen, run ran, say said, seek sought, sell sold, send sent, shake shook shaken, shoot shot, sing sang sung, sink sank sunk, sit sat, sleep slept, speak spoke spoken, spend spent, stand stood, steal stole stolen, strike struck, swear swore sworn, swim swam, take took taken, teach taught, tell told, think thought, throw threw thrown, wear wore worn, win won, withdraw withdrew withdrawn, write wrote written, overthrow overthrew overthrown, undergo underwent'),
            ('pg_catalog.german', 'gewinnen gewinnt gewann gewonnen, verlieren verliert verlor verloren, beginnen beginnt begann begonnen, sterben stirbt starb gestorben, sprechen spricht sprach gesprochen, treffen trifft traf getroffen, helfen hilft half geholfen, nehmen nimmt nahm genommen, geben gibt gab gegeben, finden fand gefunden, fallen fällt fiel gefallen, fahren fährt fuhr gefahren, fliegen flog geflogen, fliehen floh geflohen, steigen stieg gestiegen, schreiben schrieb geschrieben, bleiben blieb geblieben, streiten stritt gestritten, schließen schloss geschlossen, beschließen beschloss beschlossen, verbieten verbot verboten, brechen bricht brach gebrochen, zerbrechen zerbrach, tragen trägt trug getragen, schlagen schlägt schlug geschlagen, greifen griff gegriffen, angreifen angegriffen, stehen stand gestanden, gehen ging gegangen, lesen liest las gelesen, sehen sieht sah gesehen, sinken sank gesunken, singen sang gesungen, trinken trank getrunken, springen sprang gesprungen, ziehen zog gezogen, werfen wirft warf geworfen, wachsen wächst wuchs gewachsen, laufen läuft lief gelaufen, rufen rief gerufen, halten hält hielt gehalten, lassen lässt ließ gelassen, bringen brachte gebracht, denken dachte gedacht, kennen kannte gekannt, nennen nannte genannt, brennen brannte gebrannt, erschießen erschoss erschossen, entscheiden entschied entschieden, empfangen empfing, unterschreiben unterschrieb unterschrieben, versprechen versprach versprochen, übernehmen übernahm übernommen'),
            ('pg_catalog.french', 'œil yeux, ciel cieux, travail travaux, vitrail vitraux, bail baux, corail coraux'),
            ('pg_catalog.italian', 'uomo uomini, arma armi, ala ali, uovo uova, braccio braccia, dito dita, dio dei, morto morire, aperto aprire, chiuso chiudere, vinto vincere vinse, perso perdere perse, preso prendere prese, scritto scrivere scrisse, deciso decidere decise, ucciso uccidere uccise, eletto eleggere'),
            ('dutch', 'stad steden, kind kinderen, ei eieren, museum musea, winnen won gewonnen, verliezen verloor verloren, schrijven schreef geschreven, nemen nam genomen, geven gaf gegeven, spreken sprak gesproken, breken brak gebroken, sterven stierf gestorven, vallen viel gevallen, vinden vond gevonden, beginnen begon begonnen, stijgen steeg gestegen, krijgen kreeg gekregen, blijven bleef gebleven, lopen liep gelopen, rijden reed gereden, vliegen vloog gevlogen, sluiten sloot gesloten, kiezen koos gekozen, schieten schoot geschoten, trekken trok getrokken, treffen trof getroffen, zien zag gezien, lid leden'),
            ('swedish', 'bok böcker, man män, fot fötter, hand händer, natt nätter, son söner, dotter döttrar, bror bröder, mor mödrar, far fäder, bonde bönder, tand tänder, stad städer, land länder, rot rötter, skriva skrev skrivit, vinna vann vunnit, ta tog tagit, ge gav givit, dö dog dött, finna fann funnit, falla föll fallit, bryta bröt brutit, stiga steg stigit, skjuta sköt skjutit, springa sprang sprungit, gå gick gått, stå stod stått, bli blev blivit, komma kom kommit, dra drog dragit, sjunka sjönk sjunkit, låta lät låtit, säga sa sade sagt, sälja sålde sålt, göra gjorde gjort, vatten vattnet, huvud huvuden, öga ögon, öra öron'),
            ('pg_catalog.russian', 'церковь церкви, ребёнок дети, человек люди, спасти спас спасли, петь пел пели, идти шёл шли, найти нашёл нашли, прийти пришёл пришли, уйти ушёл ушли, вести вёл вели, нести нёс несли, день дни дня, любовь любви, лёд льда, лев льва, пёс псы, рот рта, мать матери, дочь дочери'),
            ('polish', 'dziecko dzieci, pies psy psa, człowiek ludzie, rok lata, wieś wsie wsi, dzień dni dnia, tydzień tygodnie tygodnia, ksiądz księża, brat bracia, ręka ręce, oko oczy, ucho uszy, święto świąt, kościół kościoły kościoła'),
            ('czech', 'pes psi psa, den dny dne, dítě děti, člověk lidé, ruka ruce, oko oči, ucho uši, týden týdny týdne, přítel přátelé, kůň koně, dům domy domu, stůl stoly stolu, sníh sněhu, vítr větru'),
            ('turkish', 'nehir nehri, şehir şehri, isim ismi, resim resmi, fikir fikri, oğul oğlu, akıl aklı, karın karnı, burun burnu, ömür ömrü, zehir zehri, metin metni, hüküm hükmü, izin izni, nesil nesli, kısım kısmı, vakit vakti, kayıp kaybı, şekil şekli, sabır sabrı'),
            ('pg_catalog.danish', 'bog bøger, mand mænd, fod fødder, hånd hænder, nat nætter, søn sønner, datter døtre, bror brødre, bonde bønder, tand tænder, stad stæder, skrive skrev skrevet, vinde vandt vundet, tage tog taget, give gav givet, dø døde, finde fandt fundet, falde faldt faldet, barn børn'),
            ('pg_catalog.norwegian', 'bok bøker, mann menn, fot føtter, hånd hender, natt netter, sønn sønner, datter døtre, bror brødre, bonde bønder, tann tenner, stad steder, skrive skrev skrevet, vinne vant vunnet, ta tok tatt, gi ga gitt, finne fant funnet, falle falt, land landene'),
            ('hindi', 'बड़ा बड़ी बड़े, छोटा छोटी छोटे, अच्छा अच्छी अच्छे, पुराना पुरानी पुराने, लंबा लंबी लंबे, ऊँचा ऊँची ऊँचे, सस्ता सस्ती सस्ते, महँगा महँगी महँगे, गहरा गहरी गहरे, दूसरा दूसरी दूसरे, पहला पहली पहले, तीसरा तीसरी तीसरे')
        ) AS given (config, words)
        JOIN depeche.search_stemmers s USING (config)
        CROSS JOIN LATERAL string_to_table(given.words, ', ') WITH ORDINALITY AS together (forms, number)
        CROSS JOIN LATERAL (
            SELECT given.config, together.number, (tsvector_to_array(depeche.search_vector(s, form)))[1] AS stem
            FROM string_to_table(together.forms, ' ') AS form) AS one
        CROSS JOIN LATERAL (
            SELECT (tsvector_to_array(depeche.search_vector(s, form)))[1] AS stem
            FROM string_to_table(together.forms, ' ') AS form) AS other
        WHERE one.stem <> other.stem
        GROUP BY 1, 2) AS found
    GROUP BY 1) AS sets
WHERE s.config = sets.config;
