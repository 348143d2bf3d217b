-- The endings of languages for which Postgres has no dictionary, or one that joins too few forms of a word. Letters are
-- those that depeche.search_folded leaves: without accents, and one for several that sound the same.

-- Words without their stop words, for languages that have some in Postgres, but whose stems are formed here.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['dutch', 'finnish', 'hungarian', 'turkish', 'spanish', 'portuguese'] LOOP
        EXECUTE format('CREATE TEXT SEARCH DICTIONARY depeche.%I (TEMPLATE = pg_catalog.simple, STOPWORDS = %I)',
                       name || '_words', name);
        EXECUTE format('CREATE TEXT SEARCH CONFIGURATION depeche.%I (COPY = pg_catalog.simple)', name || '_words');
        EXECUTE format('ALTER TEXT SEARCH CONFIGURATION depeche.%1$I ALTER MAPPING FOR asciiword, word, hword, '
                       'hword_part, asciihword, hword_asciipart WITH depeche.%1$I', name || '_words');
    END LOOP;
END $$;

-- Each language of these with its way.
CREATE TABLE depeche.search_stemmer_of (
    language text PRIMARY KEY,
    config   text NOT NULL
);
INSERT INTO depeche.search_stemmer_of (language, config) VALUES
    ('am', 'amharic'), ('ti', 'amharic'), ('ar', 'arabic'), ('bg', 'bulgarian'), ('mk', 'bulgarian'), ('bn', 'bengali'),
    ('as', 'bengali'), ('cs', 'czech'), ('sk', 'czech'), ('es', 'spanish'), ('gl', 'portuguese'), ('fa', 'persian'),
    ('fi', 'finnish'), ('he', 'hebrew'), ('hi', 'hindi'), ('hu', 'hungarian'), ('ko', 'korean'), ('lv', 'latvian'),
    ('nl', 'dutch'), ('af', 'dutch'), ('pl', 'polish'), ('pt', 'portuguese'), ('ro', 'romanian'), ('sr', 'serbian'),
    ('hr', 'serbian'), ('bs', 'serbian'), ('sv', 'swedish'), ('sw', 'swahili'), ('ta', 'tamil'), ('tr', 'turkish'),
    ('az', 'turkish'), ('uk', 'ukrainian'), ('vi', 'vietnamese'), ('be', 'ukrainian'), ('ur', 'urdu');

-- `endings` are separated by spaces; `old>new` puts another ending in its place. Stages below 0 come before the
-- dictionary.
INSERT INTO depeche.search_stemmers (config, words, by_postgres, dictionary, letters, before, after)
SELECT config, CASE WHEN config = 'swedish' THEN 'pg_catalog.swedish'
           WHEN config IN ('dutch', 'finnish', 'hungarian', 'turkish', 'spanish', 'portuguese') THEN 'depeche.' || config || '_words'
           ELSE 'pg_catalog.simple' END,
       false,
       CASE WHEN config IN ('serbian', 'spanish', 'portuguese') THEN 'pg_catalog.' || config || '_stem' END,
       CASE WHEN config IN ('amharic') THEN '[\u1200-\u137f]' WHEN config IN ('arabic', 'persian', 'urdu') THEN '[\u0600-\u06ff]'
           WHEN config IN ('bengali', 'hindi', 'tamil') THEN '[\u0900-\u0dff]' WHEN config = 'hebrew' THEN '[\u05d0-\u05ea]'
           WHEN config IN ('bulgarian', 'ukrainian') THEN '[\u0400-\u04ff]' WHEN config = 'korean' THEN '[\uac00-\ud7af]'
           WHEN config = 'serbian' THEN '[A-Za-z\u0400-\u04ff]' ELSE '[A-Za-z]' END,
       coalesce(array_agg(listed.stage ORDER BY given.stage) FILTER (WHERE given.stage < 0), '{}'),
       coalesce(array_agg(listed.stage ORDER BY given.stage) FILTER (WHERE given.stage > 0), '{}')
FROM (VALUES
    ('amharic', 1, true, 2, false, 'የ በ ለ ከ እንደ ስለ'),
    ('amharic', 2, false, 2, true, 'ን'),
    ('amharic', 3, false, 1, false, 'ሆች>ህ ሆቹ>ህ ሎች>ል ሎቹ>ል ሖች>ሕ ሖቹ>ሕ ሞች>ም ሞቹ>ም ሦች>ሥ ሦቹ>ሥ ሮች>ር ሮቹ>ር ሶች>ስ ሶቹ>ስ ሾች>ሽ ሾቹ>ሽ ቆች>ቅ ቆቹ>ቅ ቦች>ብ ቦቹ>ብ ቮች>ቭ ቮቹ>ቭ ቶች>ት ቶቹ>ት ቾች>ች ቾቹ>ች ኆች>ኅ ኆቹ>ኅ ኖች>ን ኖቹ>ን ኞች>ኝ ኞቹ>ኝ ኮች>ክ ኮቹ>ክ ኾች>ኽ ኾቹ>ኽ ዞች>ዝ ዞቹ>ዝ ዦች>ዥ ዦቹ>ዥ ዮች>ይ ዮቹ>ይ ዶች>ድ ዶቹ>ድ ጆች>ጅ ጆቹ>ጅ ጎች>ግ ጎቹ>ግ ጦች>ጥ ጦቹ>ጥ ጮች>ጭ ጮቹ>ጭ ጶች>ጵ ጶቹ>ጵ ጾች>ጽ ጾቹ>ጽ ፆች>ፅ ፆቹ>ፅ ፎች>ፍ ፎቹ>ፍ ፖች>ፕ ፖቹ>ፕ'),
    ('amharic', 4, false, 2, true, 'ን ዎች ው ዋ ዎቹ ሪቱ>ር ቢቱ>ብ ሲቱ>ስ ኒቱ>ን ሊቱ>ል ዲቱ>ድ ሚቱ>ም ጂቱ>ጅ ኪቱ>ክ ዪቱ>ይ'),
    ('arabic', 1, true, 2, false, 'ال بال كال فال لل وال ولل وبال وكال'),
    ('arabic', 2, true, 3, false, 'و وب ول وك ف'),
    ('arabic', 4, false, 2, false, 'ات>ه تان>ه تين>ه'),
    ('arabic', 5, false, 3, true, 'ها ان ات ون ين يه ه ي هم هن كم نا وا تان تين ته تها تهم تنا تك'),
    ('arabic', 6, true, 3, false, 'ب ل'),
    ('bengali', 1, false, 2, true, 'গুলোর গুলোকে গুলো গুলির গুলিকে গুলি টির টিকে টিতে টি টার টাকে টা দের কে রা র ের েরা ে য তে যে েই যের'),
    ('bulgarian', 1, false, 3, false, 'ове овете ите ата ята ият ото ето ът ят та то те ета етата ия ии ията иите ие ието ий ъра>р ърът>р а я о е и ю у й'),
    ('bulgarian', 2, false, 2, false, 'ц>к'),
    ('bulgarian', 3, false, 2, false, 'ък>к ър>р'),
    ('czech', 1, false, 4, false, 'ich ech ovi ove emi ami ymi imi ata aty eho emu ovat oval ovala ovali ovalo uje uji it il ila ili ilo at al ala ali alo'),
    ('czech', 2, false, 3, false, 'ach sich>s vich>v ami am um ym ou em ej im ych eho emu a e i o u y'),
    ('czech', 3, false, 2, false, 'ec>c ek>k leb>lb teb>tb deb>db'),
    ('czech', 4, false, 2, false, 'c>k z>h'),
    ('dutch', 1, false, 3, false, 'ers>er els>el ens>en ems>em ies>ie ars>ar ors>or urs>ur ams>am as>a os>o us>us'),
    ('dutch', 2, false, 1, false, 'aben>aab abe>aab eben>eeb ebe>eeb oben>oob obe>oob uben>uub ube>uub oeben>oeb oebe>oeb eeben>eeb eebe>eeb ieben>ieb iebe>ieb ooben>oob oobe>oob aaben>aab aabe>aab uuben>uub uube>uub ouben>oub oube>oub euben>eub eube>eub auben>aub aube>aub ueben>ueb uebe>ueb uiben>uib uibe>uib eiben>eib eibe>eib ijben>ijb ijbe>ijb aeben>aeb aebe>aeb aden>aad ade>aad eden>eed ede>eed oden>ood ode>ood uden>uud ude>uud oeden>oed oede>oed eeden>eed eede>eed ieden>ied iede>ied ooden>ood oode>ood aaden>aad aade>aad uuden>uud uude>uud ouden>oud oude>oud euden>eud eude>eud auden>aud aude>aud ueden>ued uede>ued uiden>uid uide>uid eiden>eid eide>eid ijden>ijd ijde>ijd aeden>aed aede>aed afen>aaf afe>aaf efen>eef efe>eef ofen>oof ofe>oof ufen>uuf ufe>uuf oefen>oef oefe>oef eefen>eef eefe>eef iefen>ief iefe>ief oofen>oof oofe>oof aafen>aaf aafe>aaf uufen>uuf uufe>uuf oufen>ouf oufe>ouf eufen>euf eufe>euf aufen>auf aufe>auf uefen>uef uefe>uef uifen>uif uife>uif eifen>eif eife>eif ijfen>ijf ijfe>ijf aefen>aef aefe>aef agen>aag age>aag egen>eeg ege>eeg ogen>oog oge>oog ugen>uug uge>uug oegen>oeg oege>oeg eegen>eeg eege>eeg iegen>ieg iege>ieg oogen>oog ooge>oog aagen>aag aage>aag uugen>uug uuge>uug ougen>oug ouge>oug eugen>eug euge>eug augen>aug auge>aug uegen>ueg uege>ueg uigen>uig uige>uig eigen>eig eige>eig ijgen>ijg ijge>ijg aegen>aeg aege>aeg aken>aak ake>aak eken>eek eke>eek oken>ook oke>ook uken>uuk uke>uuk oeken>oek oeke>oek eeken>eek eeke>eek ieken>iek ieke>iek ooken>ook ooke>ook aaken>aak aake>aak uuken>uuk uuke>uuk ouken>ouk ouke>ouk euken>euk euke>euk auken>auk auke>auk ueken>uek ueke>uek uiken>uik uike>uik eiken>eik eike>eik ijken>ijk ijke>ijk aeken>aek aeke>aek alen>aal ale>aal elen>eel ele>eel olen>ool ole>ool ulen>uul ule>uul oelen>oel oele>oel eelen>eel eele>eel ielen>iel iele>iel oolen>ool oole>ool aalen>aal aale>aal uulen>uul uule>uul oulen>oul oule>oul eulen>eul eule>eul aulen>aul aule>aul uelen>uel uele>uel uilen>uil uile>uil eilen>eil eile>eil ijlen>ijl ijle>ijl aelen>ael aele>ael amen>aam ame>aam emen>eem eme>eem omen>oom ome>oom umen>uum ume>uum oemen>oem oeme>oem eemen>eem eeme>eem iemen>iem ieme>iem oomen>oom oome>oom aamen>aam aame>aam uumen>uum uume>uum oumen>oum oume>oum eumen>eum eume>eum aumen>aum aume>aum uemen>uem ueme>uem uimen>uim uime>uim eimen>eim eime>eim ijmen>ijm ijme>ijm aemen>aem aeme>aem anen>aan ane>aan enen>een ene>een onen>oon one>oon unen>uun une>uun oenen>oen oene>oen eenen>een eene>een ienen>ien iene>ien oonen>oon oone>oon aanen>aan aane>aan uunen>uun uune>uun ounen>oun oune>oun eunen>eun eune>eun aunen>aun aune>aun uenen>uen uene>uen uinen>uin uine>uin einen>ein eine>ein ijnen>ijn ijne>ijn aenen>aen aene>aen apen>aap ape>aap epen>eep epe>eep open>oop ope>oop upen>uup upe>uup oepen>oep oepe>oep eepen>eep eepe>eep iepen>iep iepe>iep oopen>oop oope>oop aapen>aap aape>aap uupen>uup uupe>uup oupen>oup oupe>oup eupen>eup eupe>eup aupen>aup aupe>aup uepen>uep uepe>uep uipen>uip uipe>uip eipen>eip eipe>eip ijpen>ijp ijpe>ijp aepen>aep aepe>aep aren>aar are>aar eren>eer ere>eer oren>oor ore>oor uren>uur ure>uur oeren>oer oere>oer eeren>eer eere>eer ieren>ier iere>ier ooren>oor oore>oor aaren>aar aare>aar uuren>uur uure>uur ouren>our oure>our euren>eur eure>eur auren>aur aure>aur ueren>uer uere>uer uiren>uir uire>uir eiren>eir eire>eir ijren>ijr ijre>ijr aeren>aer aere>aer asen>aas ase>aas esen>ees ese>ees osen>oos ose>oos usen>uus use>uus oesen>oes oese>oes eesen>ees eese>ees iesen>ies iese>ies oosen>oos oose>oos aasen>aas aase>aas uusen>uus uuse>uus ousen>ous ouse>ous eusen>eus euse>eus ausen>aus ause>aus uesen>ues uese>ues uisen>uis uise>uis eisen>eis eise>eis ijsen>ijs ijse>ijs aesen>aes aese>aes aten>aat ate>aat eten>eet ete>eet oten>oot ote>oot uten>uut ute>uut oeten>oet oete>oet eeten>eet eete>eet ieten>iet iete>iet ooten>oot oote>oot aaten>aat aate>aat uuten>uut uute>uut outen>out oute>out euten>eut eute>eut auten>aut aute>aut ueten>uet uete>uet uiten>uit uite>uit eiten>eit eite>eit ijten>ijt ijte>ijt aeten>aet aete>aet aven>aav ave>aav even>eev eve>eev oven>oov ove>oov uven>uuv uve>uuv oeven>oev oeve>oev eeven>eev eeve>eev ieven>iev ieve>iev ooven>oov oove>oov aaven>aav aave>aav uuven>uuv uuve>uuv ouven>ouv ouve>ouv euven>euv euve>euv auven>auv auve>auv ueven>uev ueve>uev uiven>uiv uive>uiv eiven>eiv eive>eiv ijven>ijv ijve>ijv aeven>aev aeve>aev azen>aaz aze>aaz ezen>eez eze>eez ozen>ooz oze>ooz uzen>uuz uze>uuz oezen>oez oeze>oez eezen>eez eeze>eez iezen>iez ieze>iez oozen>ooz ooze>ooz aazen>aaz aaze>aaz uuzen>uuz uuze>uuz ouzen>ouz ouze>ouz euzen>euz euze>euz auzen>auz auze>auz uezen>uez ueze>uez uizen>uiz uize>uiz eizen>eiz eize>eiz ijzen>ijz ijze>ijz aezen>aez aeze>aez jen>j je>j wen>w we>w en e eerde>eer eerden>eer lde>l lden>l nde>nd nden>nd rde>r rden>r mde>m mden>m pte>p pten>p kte>k kten>k gde>g gden>g fte>f ften>f'),
    ('dutch', 4, false, 1, false, 'v>f z>s ll>l nn>n mm>m pp>p ss>s ff>f rr>r bb>b gg>g dd>d tt>t kk>k'),
    ('finnish', 1, false, 3, false, 'ssa sta lla lta lle ksi na a t en n in an on un issa ista illa ilta ille iksi ien jen iden oiden>o ten it ia oja>o oissa>o oista>o oihin>o oilla>o eja eita ita iin>i aan>a een>e oon>o uun>u eet>e nsa mme usta>us ysta>ys ilaat>ilas ilaan>ilas ilaita>ilas ilaiden>ilas ilaalle>ilas nen>s set>s sen>s sia>s sten>s sessa>s sesta>s sella>s ksen>s kset>s ksia>s kseen>s ksessa>s ksesta>s uden>us uteen>us utta>us udessa>us udesta>us'),
    ('finnish', 2, false, 2, false, 'use>us uude>us uute>us uut>us'),
    ('finnish', 3, false, 3, false, 'a e i'),
    ('finnish', 4, false, 0, false, 'kk>k pp>p tt>t ng>nk nn>nt ll>lt rr>rt mm>mp uud>uus d>t v>p kko>ko ppo>po tto>to ngo>nko nno>nto llo>lto rro>rto mmo>mpo do>to kku>ku ppu>pu ttu>tu ngu>nku nnu>ntu llu>ltu rru>rtu mmu>mpu du>tu kky>ky ppy>py tty>ty ngy>nky nny>nty lly>lty rry>rty mmy>mpy dy>ty'),
    ('hebrew', 1, false, 2, false, 'ימ יימ יות>יה ות>ה'),
    ('hebrew', 2, false, 3, true, 'ית ה י'),
    ('hebrew', 3, true, 2, false, 'ה'),
    ('hebrew', 4, true, 4, true, 'מ ש כ ה ו ב ל'),
    ('hebrew', 5, true, 3, true, 'ה ו ב ל'),
    ('hindi', 1, false, 1, false, 'ियों>ी ियां>ी ियो>ी या ए ई ये यी'),
    ('hindi', 2, false, 2, false, 'ाओं ाएं ुओं>ु ुएं>ु ओं एं ों ें ो े ा'),
    ('hungarian', -1, false, 2, false, 'bbal>b bbel>b ddal>d ddel>d ggal>g ggel>g kkal>k kkel>k llal>l llel>l mmal>m mmel>m nnal>n nnel>n ppal>p ppel>p rral>r rrel>r ssal>s ssel>s ttal>t ttel>t zzal>z zzel>z ccal>c ccel>c'),
    ('hungarian', 1, false, 3, true, 'nak nek ban ben bol rol tol hoz hez val vel kent ert ra re ba be nal nel ok ek ak ot et at t k i a e o on en nyal>ny nyel>ny nnyal>ny nnyel>ny ja je ai ei'),
    ('korean', -1, false, 1, false, '으로 에서 에게 까지 부터 에도 에는'),
    ('korean', 1, false, 2, false, '은 는 이 가 을 를 의 에 에서 에게 에게서 에는 에도 에서는 에서도 으로 로 으로는 으로의 로는 와 과 도 만 까지 부터 보다 처럼 마다 조차 이나 나 이라고 라고 이다 이며 들 들은 들이 들을 들의 들에게 들과 께서 하다 한다 했다 하는 하고 해 하며 하기 한 할 함 합니다 했습니다 하지 하면 해서 되다 된다 됐다 되는 되고 되며 된 될 됨 됩니다 됐습니다 돼 되었다 하였다 였다 이었다 과의 와의 에의 으로부터 만의 만을 만이 까지의 부터의 까지는 까지도 에게는 이라는 라는 였던'),
    ('korean', 2, false, 1, false, '은 는 을 를 이 의 에 에서 으로 었다 았다 는다 었던 았던 습니다 었습니다 았습니다 다 고 지만 으며 어서 아서 었고 았고'),
    ('latvian', 1, false, 3, false, 'ajiem iem am as ai a is os us u um es e ei em s i ie o im ir'),
    ('persian', 1, false, 4, false, 'ي ش'),
    ('persian', 2, false, 2, true, 'هايي هاي ها ان ات تر ترين گان>ه ايان>ا ويان>و هايش هايشان هايم'),
    ('persian', 3, false, 4, false, 'ي'),
    ('persian', 4, false, 3, false, 'ان'),
    ('polish', 1, false, 3, false, 'iami ami iach ach iowi em iem om iom ow iow ego emu ymi imi ych ich ej ym im y i a e o u ie ia io iu ii ano ac owac owal owali owala owalo owaly owano uje uja iego iemu iej um'),
    ('polish', -1, false, 4, false, 'owie owi'),
    ('polish', 2, false, 1, false, 'ter>tr sel>sl iesc>iast osc>ost iec>k c>k dz>g orz>or'),
    ('polish', 3, false, 2, false, 'nek>nk tek>tk dek>dk sek>sk wek>wk lek>lk zek>zk cek>ck'),
    ('portuguese', -4, false, 0, false, 'leis>lei reis>rei caes>cao paes>pao maes>mae maos>mao'),
    ('portuguese', -3, false, 2, false, 'ens>em ins>im ons>om uns>um'),
    ('portuguese', -2, false, 3, false, 'oes>ao aes>ao ais>al eis>el ois>ol zes>z res>r ses>s'),
    ('portuguese', -1, false, 4, false, 's'),
    ('romanian', 1, false, 3, true, 'ului ul ilor elor lor elui ii ei ile ele ea le i a e u uri urile urilor ie'),
    ('romanian', 2, false, 3, false, 'at'),
    ('romanian', 3, false, 2, false, 'oal>ol oar>or z>d'),
    ('serbian', -1, false, 3, false, 'ici>ik icima>ik'),
    ('serbian', 1, false, 3, false, 'ov ev ar>r'),
    ('spanish', -3, false, 2, false, 'ian>en uses>us ces>z yes>y'),
    ('spanish', -2, false, 2, false, 'ises>is dades>dad ores>or ales>al enes>en anes>an ones>on eses>es eles>el'),
    ('spanish', -1, false, 3, false, 's'),
    ('swahili', 1, false, 3, false, 'ni'),
    ('swahili', 2, true, 3, false, 'wali wana wame wata ali ana ame ata ili ina ime ita zili zina zime zita yali yana yame yata ma mwa>m waa>m mwi>i wai>i mawa>m wa>m mwana vi>ki vy>ch mi>m u ku'),
    ('swahili', 3, true, 2, false, 'mi>m wa>m vi>ki vy>ch'),
    ('swedish', 1, false, 3, false, 'et en er arn an'),
    ('tamil', 1, false, 1, false, 'ட்டில்>டு ட்டின்>டு ட்டை>டு ட்டுக்கு>டு ட்டிற்கு>டு ட்டு>டு ற்றில்>று ற்றின்>று ற்றை>று ற்றுக்கு>று ற்றால்>று'),
    ('tamil', 2, false, 2, false, 'ங்கள்>ம் ங்களின்>ம் ங்களில்>ம் ங்களுக்கு>ம் ங்களை>ம் ங்களால்>ம் த்தில்>ம் த்தின்>ம் த்தை>ம் த்துக்கு>ம் த்திற்கு>ம் த்தால்>ம்'),
    ('tamil', 3, false, 3, true, 'ங்கள் ங்களின் ங்களில் ங்களுக்கு ங்களை ங்களால் த்தில் த்தின் த்தை த்துக்கு த்திற்கு த்தால் கள் களின் களில் களுக்கு களை களால் க்கு ுக்கு ுக்கான ின் ில் ை ால் ிற்கு வின் வில் வுக்கு வை யின் யில் யை யால் யும் ும் ம் ு ்'),
    ('turkish', 1, false, 2, true, 'lar ler larin lerin lari leri lara lere'),
    ('turkish', 2, false, 3, true, 'in un nin nun yi yu si su sini sinin sunun ye ya de da den dan fta>f fte>f ftan>f ften>f kta>k kte>k ktan>k kten>k pta>p pte>p ptan>p pten>p sta>s ste>s stan>s sten>s tta>t tte>t ttan>t tten>t hta>h hte>h htan>h hten>h cta>c cte>c ctan>c cten>c deki daki le la yle yla lar ler lari leri'),
    ('turkish', 3, false, 2, false, 'de da den dan'),
    ('turkish', 4, false, 4, false, 'i u e a'),
    ('turkish', 5, false, 3, false, 'an>a en>e in>i un>u on>o'),
    ('turkish', 6, false, 4, false, 'i u e a'),
    ('turkish', 7, false, 2, false, 'b>p ag>ak eg>ek ig>ik ug>uk og>ok'),
    ('ukrainian', 1, false, 3, false, 'ого ому ими ою ею єю ами ями ах ях ові еві єві ом ем єм ам ям ий ій ої их іх ім їм а я о е є і ї у ю и ь й ей ев узей>узе кей>ке лей>ле'),
    ('ukrainian', 2, false, 1, false, 'ен>н ок>к ел>л ів>ов їв>ев іст>ост ід>од ік>ок іг>ог ім>ом іч>оч'),
    ('ukrainian', 3, false, 2, false, 'ц>к'),
    ('ukrainian', -1, false, 4, false, 'увати ювати увала ювала ували ювали ував ював ують юють ує ює ити яти ив ав яв ила ала яла или али яли ило ало уть ють ить ать ять'),
    ('urdu', 1, false, 2, false, 'يں وں ياں يوں اں ں ات'),
    ('urdu', 2, false, 2, false, 'ي ا ه')
) AS given (config, stage, at_start, keep, again, endings)
CROSS JOIN LATERAL (
    SELECT (given.at_start, given.keep, given.again, max(length(split_part(ending, '>', 1))),
            jsonb_object_agg(split_part(ending, '>', 1), split_part(ending, '>', 2)))::depeche.search_stage AS stage
    FROM string_to_table(given.endings, ' ') AS ending) AS listed
GROUP BY config;

-- A dictionary of Postgres alone is a way of forming words, too.
INSERT INTO depeche.search_stemmers (config, words)
SELECT DISTINCT l.config, l.config FROM depeche.search_languages l
UNION SELECT 'pg_catalog.simple', 'pg_catalog.simple'
UNION SELECT 'vietnamese', 'pg_catalog.simple';

-- The way in which words of a language are formed, by its name in depeche.search_stemmers.
CREATE FUNCTION depeche.search_config(of_language text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce((SELECT s.config FROM depeche.search_stemmer_of s WHERE s.language = of_language),
                (SELECT l.config FROM depeche.search_languages l WHERE l.language = of_language), 'pg_catalog.simple');
