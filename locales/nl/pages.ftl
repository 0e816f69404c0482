# Wat de pagina's om de zinnen heen zeggen. `<b>`, `<code>` en links mogen in berichten staan
# waarvan de naam op `-html` eindigt; alle andere zijn platte tekst.

## Om elke pagina.

skip = Naar de inhoud
nav-main = Hoofdmenu
nav-outages = Storingen
nav-about = Uitleg
nav-api = API
scheme = Kleuren
scheme-system = zoals op dit apparaat
scheme-light = licht
scheme-dark = donker
language = Taal
as-of-html = Bijgewerkt om { $time }
# $zone wordt door het script ingevuld: de tijdzone van de bezoeker.
zone = Tijden zijn in uw eigen tijdzone, {"{zone}"}.
copy-html = Dit is een kopie van { $time }, voor als de echte pagina niet bereikbaar is: <a href="{ $url }">{ $url }</a>
reload = Vernieuwen
footer = We controleren sites van buitenaf, zoals elke bezoeker.
footer-how = Zo werkt het
footer-feed = Feed van alle storingen
page-title = { $title } · { $brand }
live-on = Deze pagina werkt zichzelf bij.
live-lost = Verbinding weggevallen om {"{time}"}. We blijven het proberen; wat u ziet is van dat moment.
live-poll = Deze pagina ververst zich elke 30 seconden.
notice-refusing = { $minutes ->
    [0] We kunnen op dit moment geen geschiedenis opslaan. Wat u ziet is actueel.
   *[other] We kunnen al { $long } geen geschiedenis opslaan. Wat u ziet is actueel.
}
notice-held = { $minutes ->
    [0] We kunnen niet naar onze schijf schrijven; de geschiedenis wacht in het geheugen. Wat u ziet is actueel.
   *[other] We kunnen al { $long } niet naar onze schijf schrijven; de geschiedenis wacht in het geheugen. Wat u ziet is actueel.
}
notice-away = { $minutes ->
    [0] De geschiedenis wacht op de database. Wat u ziet is actueel; langere grafieken zijn misschien niet compleet.
   *[other] De geschiedenis wacht al { $long } op de database. Wat u ziet is actueel; langere grafieken zijn misschien niet compleet.
}
notice-overload = { $minutes ->
    [0] We moeten meer controleren dan we aankunnen; sommige controles komen te laat of vervallen. Geen enkele site wordt daardoor traag of onbereikbaar genoemd.
   *[other] We moeten al { $long } meer controleren dan we aankunnen; sommige controles komen te laat of vervallen. Geen enkele site wordt daardoor traag of onbereikbaar genoemd.
}

## Het zoeken.

search-label = Doet die site het op dit moment?
search-example = slack.com
search-button = Controleer

## De voorpagina.

front-title = { $mark } { $heading }: is er nu een storing?
front-first-looks = De eerste controles zijn onderweg.
front-wrong = Werkt nu niet goed
front-wrong-else = Werkt ook niet goed
front-recent = Werkt weer
front-back = werkt weer
front-back-after = na { $long }
front-state = { $status }, al { $long }
# Van de enige, die in de kop van de pagina staat.
front-event-cause = waarschijnlijk één oorzaak
front-event-more = nog { $n }
front-unusual = { $n ->
    [one] 1 daarvan antwoordt anders dan normaal
   *[other] { $n } daarvan antwoorden anders dan normaal
}
front-wrong-more = { $n ->
    [one] Nog 1
   *[other] Nog { $n }
}
front-filter = Filteren en sorteren
front-filter-all = alle
front-filter-status = Status
front-filter-tag = Categorie
front-sort = Sorteer op
front-sort-tag = categorie
front-sort-status = ergste eerst
front-sort-name = naam
front-sort-latency = traagste eerst
front-sort-uptime = laagste beschikbaarheid eerst
front-sort-go = Sorteer
front-group-all = Alle { $n }
front-meant = Bedoelde u { $name }?
front-found = { $n ->
    [0] { $what }: geen
    [one] { $what }: 1 site
   *[other] { $what }: { $n } sites
}
front-found-up = { $n ->
    [0] Geen site werkt
    [one] 1 site werkt
   *[other] { $n } sites werken
}
front-found-unknown = { $n ->
    [one] 1 site: status onbekend
   *[other] { $n } sites: status onbekend
}
front-found-for = { $n ->
    [0] Niets gevonden voor “{ $q }”
    [one] 1 site voor “{ $q }”
   *[other] { $n } sites voor “{ $q }”
}
front-found-none = Geen van de sites die we volgen past daarbij. Controleer de spelling, of typ een heel adres, zoals example.com.
front-found-none-bad = Dat is goed nieuws.
front-found-none-of-these = Al deze sites hebben een andere status.
front-found-none-known = { $n ->
    [one] Maar van 1 site weten we niet hoe het ermee is.
   *[other] Maar van { $n } sites weten we niet hoe het ermee is.
}
front-see-all = Bekijk alle sites
front-others = Overige sites
front-all = Alle sites
front-unavailable = hier niet beschikbaar
front-restricted = weert robots
front-away = weert ons
pages-label = Pagina’s
page-of = Pagina { $page } van { $pages }
page-previous = Vorige
page-next = Volgende
tag-work = Werk
tag-dev = Voor ontwikkelaars
tag-cloud = Cloud
tag-shop = Winkels
tag-dutch = Nederland
tag-social = Sociale media
tag-games = Games
tag-video = Video
tag-government = Overheid
tag-news = Nieuws
tag-chat = Chat
tag-bank = Banken
tag-ai = AI
tag-travel = Reizen
tag-search = Zoeken
tag-telecom = Internet en bellen
tag-music = Muziek
tag-mail = E-mail

## De pagina van een site.

site-title = { $mark } Storing bij { $name }? { $answer }
site-answer-up = Nee, de site werkt
site-answer-back = { $minutes ->
    [0] Nee, de site werkt weer
   *[other] Nee, de site werkt alweer { $long }
}
site-answer-slow = { $minutes ->
    [0] Nee, maar traag
   *[other] Nee, maar al { $long } traag
}
site-answer-partial = { $minutes ->
    [0] Op sommige plaatsen
   *[other] Op sommige plaatsen, al { $long }
}
site-answer-down = { $minutes ->
    [0] Ja
   *[other] Ja, al { $long }
}
site-answer-unknown = We weten het niet
site-description = { $summary } Gecontroleerd: { $ago }.
site-back-html = De site lag er { $long } uit, tot { $time }
site-back-partial-html = De site was { $long } deels onbereikbaar, tot { $time }
site-cause = { $n ->
    [one] Vermoedelijke oorzaak: { $name } · 1 site getroffen
   *[other] Vermoedelijke oorzaak: { $name } · { $n } sites getroffen
}
site-cause-left = { $n ->
    [one] Ging tegelijk mis met { $name }, dat hersteld lijkt · 1 site getroffen
   *[other] Ging tegelijk mis met { $name }, dat hersteld lijkt · { $n } sites getroffen
}
site-checked-html = Gecontroleerd: { $ago }
site-details = Technische details
site-last = Laatste controle
site-phases = De laatste controle duurde { $total }: { $parts }.
site-phases-together = Totaal
site-phases-failed = Tot het misging
phase-dns = DNS
phase-connect = Verbinden
phase-tls = TLS
phase-wait = Wachten
phase-transfer = Downloaden
fact-latency = Reactietijd
fact-usual = Gebruikelijke reactietijd
fact-http = HTTP-status
fact-protocol = Protocol
fact-address = IP-adres
fact-elsewhere = Vanuit { $region }
site-status-page = Eigen statuspagina
fact-redirected = Verwijst door naar
fact-certificate = Certificaat geldig tot
fact-certificate-expired = verlopen
fact-certificate-soon = verloopt over { $long }
fact-provider = Draait bij
fact-names = DNS bij
fact-authority = Certificaat van
fact-depends = Hangt af van
fact-interval = Controle elke
site-restricted = De server antwoordt, maar weert robots zoals de onze. Dat is een keuze en geen storing: mensen met een browser komen er waarschijnlijk gewoon in. Het betekent ook dat we niet zien of de pagina’s erachter werken.
site-away = De server antwoordt, maar weert ons. Of mensen met een browser er wel in komen en of de pagina’s erachter werken, kunnen we niet zien.
site-unavailable = De server meldt dat de site niet beschikbaar is vanwaar wij controleren ({ $how }), waarschijnlijk om juridische redenen. Elders komen mensen er misschien wel in.
site-restricted-how = De server antwoordt, maar weert robots zoals de onze ({ $how }). Dat is een keuze en geen storing: mensen met een browser komen er waarschijnlijk gewoon in. Het betekent ook dat we niet zien of de pagina’s erachter werken.
site-uptime = Beschikbaarheid
uptime-24h = 24 uur
uptime-7d = 7 dagen
uptime-30d = 30 dagen
uptime-90d = 90 dagen
site-uptime-none = nog geen gegevens
site-watched-since-html = Gevolgd sinds { $time }.
site-uptime-note = Naar beneden afgerond. Traag telt als bereikbaar; tijd waarin we niet keken telt niet mee.
site-uptime-early = Nog niet lang genoeg gevolgd voor een cijfer.
site-uptime-away = Ons archief is nu niet te lezen; de cijfers komen vanzelf terug.
site-recent = Recente controles
site-recent-good = De laatste { $n } controles, oudste eerst: allemaal geslaagd.
site-recent-bad = De laatste { $n } controles, oudste eerst: { $failed } mislukt.
site-recent-key = Hoger is trager (de hoogste duurde { $most }); oranje is traag; een volle rode balk met een kruis is een mislukte controle.
site-recent-table = Toon als tabel
site-recent-caption = Recente controles, nieuwste eerst
site-recent-none = Nog geen.
site-regions = Vanwaar we controleren
site-regions-caption = Wat elke regio het laatst zag
region-since = sinds
# Waarom een regio niet meetelt voor het oordeel, achter wat die zag.
why-not-clock = Telt niet mee: de klok loopt verkeerd.
why-not-rules = Telt niet mee: er draait een andere versie.
why-not-overload = Telt niet mee: er is te veel te doen.
why-not-network = Telt niet mee: het eigen netwerk werkt niet.
why-not-silent = Telt niet mee: daar kwam al een tijd geen bruikbaar resultaat vandaan.
why-not-settling = Telt nog niet mee: deze site wordt daar nog maar net (weer) gecontroleerd.
site-outages = Storingen
site-outages-never = Nog niet gecontroleerd, dus voor zover we weten geen.
site-outages-none = Geen, voor zover we hebben gezien.
site-outages-away = Ons archief is nu niet te lezen, dus we kunnen ze niet laten zien.
outage-seen-from = Gezien vanuit { $places }
site-outages-all = Alle storingen van { $name }
site-share = Delen
site-share-short = Delen
site-copy = Kopieer
site-copied = Gekopieerd
site-copy-by-hand = Geselecteerd: kopieer het nu
site-json = Deze pagina als JSON
table-of = { $what }, tabel
th-site = Site
th-when = Wanneer
th-from = Vanaf
th-saw = Wat we zagen
th-http = HTTP
th-latency = Reactietijd
th-region = Plaats
th-status = Status
th-last = Laatste controle
th-until = Tot
th-long = Duur
th-seen = Gezien vanuit
saw-answered = antwoordde
saw-restricted = antwoordde, maar weerde ons
saw-attempts = { $saw }, na { $n } pogingen
answered = antwoordde
outage-event = Deel van een grotere storing
outage-going-on = nog gaande
none = –

## Storingen.

outages-of = Storingen van { $name }
outages-description = Wanneer sites eruit lagen, traag waren of vanuit sommige plaatsen niet te bereiken waren; nieuwste eerst.
outages-zone = Dagen en tijden op deze pagina zijn in UTC.
outages-filter = Filteren
outages-any = alle
outages-show = Toon
# $what: `nav-outages` of `outages-of`. $span: een dag of een maand.
outages-in = { $what }, { $span }
# $long: hoe lang alles bij elkaar.
outages-sum = { $n ->
    [one] 1 storing, { $long }
   *[other] { $n } storingen, samen { $long }
}
outages-event = { $name } leek te haperen
outages-event-now = { $name } lijkt te haperen
# Hoeveel van de storingen bij een oorzaak van een soort waren.
outages-count-down = { $n } uitgevallen
outages-count-partial = { $n } deels onbereikbaar
outages-count-slow = { $n } traag
outages-months = Andere maanden
outages-now = nu
outages-unknown-site = We kennen geen site die “{ $site }” heet.
outages-none-fit = Geen storingen gevonden met deze filters.
outages-only = Alleen:
outages-without = Zonder het filter { $what }
outages-newer = Nieuwer
outages-older = Ouder
outages-away = Ons archief is nu niet te lezen. Dit zijn de laatste paar storingen van elke site, uit het geheugen.

## Eén storing. $name: de site. $long: hoe lang die duurde.

outage-was-down = { $name } lag eruit
outage-was-partial = { $name } was deels onbereikbaar
outage-was-slow = { $name } was traag
# $what: een van de drie hiervoor.
outage-title = { $what }: { $long }, { $date }
# Hetzelfde zonder datum, voor feeds.
outage-ended = { $what }: { $long }
outage-description = { $what } van { $start } tot { $end }: { $long }.
outage-description-why = { $what } van { $start } tot { $end }: { $long }. Wat we zagen: { $why }.
outage-description-still = { $what } (sinds { $start }).
outage-description-still-why = { $what } (sinds { $start }). Wat we zagen: { $why }.
outage-until-now = nog gaande
outage-until-unknown = nog niet bekend
outage-facts = In het kort
outage-part = Onderdeel van een storing bij { $provider }
outage-course = Verloop
outage-course-for = { $long } lang
outage-evidence = Bewijs
outage-evidence-text = Een storing telt van de eerste mislukte controle tot de eerste goede. Kopieën van de controles die de doorslag gaven, blijven er voorgoed bij bewaard.
outage-evidence-slow = Een storing telt van de eerste trage controle tot de eerste goede. Kopieën van de controles die de doorslag gaven, blijven er voorgoed bij bewaard.
outage-opened = Controles waarmee de storing begon
outage-closed = Controles waarmee de storing eindigde
outage-copies-none = Van de controles achter deze storing zijn geen kopieën bewaard.
outage-away = Ons archief is nu niet te lezen. Wat u ziet komt uit het geheugen; het verloop en de controles zijn er weer zodra het archief er weer is.
outage-away-title = We kunnen deze storing nu niet laten zien
outage-away-text = Ons archief is niet te lezen. Probeer het over een minuut opnieuw.
outage-missing = Storing niet gevonden
outage-missing-text = Op dit adres staat geen storing. Misschien is die ingetrokken omdat het probleem aan ons lag.
outage-more = Meer
outage-month = Alle storingen in { $month }
outage-site = { $name } op dit moment
outage-json = De controles als JSON
outage-link = Link naar deze storing

## Een domein dat we niet volgen.

missing = We volgen { $wanted } niet
missing-so = We kunnen dus niet zeggen of de site werkt.
missing-near = { $n ->
    [one] Bedoelde u deze site?
   *[other] Bedoelde u een van deze?
}

## Moeilijkheden.

error-400 = Dit adres klopt niet
error-400-text = Er klopt iets niet in dit adres.
error-400-names = Met deze waarde in het adres kunnen we niets: { $names }.
error-404 = Pagina niet gevonden
error-404-text = Op dit adres is niets. In het veld hierboven kunt u elke site controleren.
error-405 = Niet toegestaan
error-405-text = Dit adres kent die methode niet; de header Allow noemt de methoden die wel kunnen.
error-414 = Te lang
error-414-text = Dat is meer tekst dan we kunnen lezen. De naam van een site is genoeg, zoals slack.com.
error-429 = Te veel verzoeken
error-429-text = U heeft meer verzoeken gestuurd dan we per bezoeker toestaan. Wacht een minuut en probeer het opnieuw.
error-503 = Nu even niet beschikbaar
error-503-text = Dit kunnen we nu niet laten zien. Probeer het over een minuut opnieuw.
error-500 = Er ging bij ons iets mis
error-500-text = Sorry, dit ligt aan ons. Probeer het over een minuut opnieuw.
error-last-known-html = Wat we om { $time } wisten:

## Hoe we het weten.

about-title = Zo werkt het
about-description = Hoe we nagaan of een site werkt, en wat we niet beweren.
about-intro-html = { $sites ->
    [one] We volgen één site vanuit <b>{ $regions }</b>.
   *[other] We volgen { $sites } sites vanuit <b>{ $regions }</b>.
} We vragen de pagina van elke site telkens opnieuw op, steeds over een nieuwe verbinding, zoals de browser van een bezoeker dat zou doen: bij de meeste elke { $interval }. Zo bepalen we wat we zeggen.
about-intro-here-html = { $sites ->
    [one] We volgen één site.
   *[other] We volgen { $sites } sites.
} We vragen de pagina van elke site telkens opnieuw op, steeds over een nieuwe verbinding, zoals de browser van een bezoeker dat zou doen: bij de meeste elke { $interval }. Zo bepalen we wat we zeggen.
about-words = Wat onze woorden betekenen
about-up = De site antwoordt, en vlot genoeg.
about-slow = De site antwoordt, maar veel later dan gewoonlijk: meer dan drie keer de eigen gebruikelijke reactietijd en meer dan een seconde (tenzij de site een eigen grens heeft), een paar keer achter elkaar.
about-partial = De site is vanuit sommige plaatsen waar we controleren niet te bereiken, maar vanuit de meeste wel.
about-down = De site is niet te bereiken of antwoordt met een fout, en een tweede controle over een nieuwe verbinding zei hetzelfde.
about-unknown = We hebben geen recente controle, of wat de laatste zei is nog niet bevestigd. Wat we niet weten, tonen we nooit als werkend.
about-confirm = Elke fout wordt bevestigd
about-confirm-text = Eén mislukte controle maakt nog geen storing, en één goede maakt er geen eind aan: in beide gevallen controleren we het nog eens. Is een storing bevestigd, dan telt die van de eerste mislukte controle tot de eerste goede.
about-doubt = We twijfelen eerst aan onszelf
about-doubt-text = Gaat het bij de meeste sites die niets met elkaar te maken hebben tegelijk mis, of ze nu zwijgen, op dezelfde manier uitvallen of traag worden, dan ligt dat waarschijnlijk aan onze eigen verbinding. We zeggen dan dat we het niet weten, tot blijkt dat het niet aan ons ligt; wat we vlak daarvoor over sites zeiden, nemen we terug, ook in de geschiedenis. Is er niets anders om het aan te toetsen, dan zeggen we dat we niet weten of het aan de site ligt of aan onze verbinding.
about-restricted = Geweerd is geen storing
about-restricted-text = Veel sites weren robots, met een status als 403 of met een pagina die vraagt of u een mens bent. Ze antwoorden, dus ze werken; een opmerking zegt dat we geweerd werden, omdat we dan niet zien of de pagina’s erachter werken.
about-fresh = Hoe actueel het is
about-fresh-text = Elke pagina zegt wanneer we het laatst controleerden. Stoppen de controles van een site, dan wordt de status onbekend zodra er een stuk of twee zijn uitgebleven. Tijd waarin we niet keken, telt niet als werkend en niet als storing.
about-lookup = Als u een site controleert die we niet volgen
about-lookup-text = We controleren dan meteen de voorpagina, over https of http; wat mis lijkt, controleren we nog eens voor we het zeggen. Eén uitslag geldt { $cache } lang voor iedereen. U kunt { $budget } keer per minuut om een nieuwe controle vragen; daarna tonen we wat we het laatst wisten.
about-lookup-public = We controleren alleen adressen op het openbare internet, op de poorten { $ports }, en nooit met een gebruikersnaam of wachtwoord; doorverwijzingen naar elders volgen we niet.
about-lookup-private = Hier wordt elke bezoeker vertrouwd: we controleren ook privéadressen en elke poort.
about-lookup-kept = We onthouden hooguit { $hours } uur hoeveel bezoekers een site opzochten en hoeveel er een probleem meldden, per vijf minuten, en een week lang hoeveel dat er per dag waren; dat schrijven we nooit op, en wie het waren evenmin. Om niemand binnen een uur dubbel te tellen blijft een gezouten hash van uw adres in het geheugen; die gooien we elke dag weg, samen met het zout.
about-lookup-you = “Ligt het aan mij?” Pas als u op die knop drukt, vraagt uw eigen browser de pagina van de site op, zonder cookies en zonder te zeggen waar u vandaan komt. De uitkomst blijft in uw browser.
about-lookup-report = “Meld een probleem” vertelt ons dat en verder niets. Uw melding telt één keer per uur en verandert geen oordeel.
about-claims = Wat we niet beweren
about-claim-you = Dat een site het bij u doet: uw verbinding, internetprovider, account of land kan verschillen.
about-claim-part = Dat elk onderdeel van een site werkt: we vragen één pagina op, loggen niet in en kopen niets.
about-claim-fault = Dat een storing de schuld van de site zelf is: er kan onderweg iets stuk zijn.
about-claim-between = Dat er tussen twee controles niets gebeurde: wat korter duurt, missen we misschien.
about-privacy = Wat we over u weten
about-privacy-text = We plaatsen geen cookies, laden niets van derden en leggen niet vast wie u bent.

## Grafieken.

chart = Reactietijd
chart-window = Tijdvak
chart-24h = 24 uur
chart-7d = 7 dagen
chart-30d = 30 dagen
chart-90d = 90 dagen
chart-region = Gecontroleerd vanuit
chart-all-regions = alle plaatsen
chart-words = Reactietijd doorgaans { $typical }; 95% van de controles binnen { $high }.
chart-from-to = { $from } tot { $to }
chart-slice = { $when }: doorgaans { $middle }, traagste 5% boven { $high }
chart-slice-gap = { $when }: geen gegevens
chart-slice-idle = { $when }: geen controle aan de beurt
chart-slice-failed = { $when }: alle controles mislukten
chart-slice-down = { $said }; lag er { $long } uit
chart-slice-slow = { $said }; { $long } traag
chart-none = Er valt nog niets te laten zien.
chart-away = Ons archief is nu niet te lezen; de grafiek komt vanzelf terug.
chart-keys = Met de pijltjestoetsen loopt u door de grafiek.
chart-median = doorgaans (mediaan)
chart-p95 = tot de traagste 5%
chart-outage = lag eruit
chart-slow = traag
chart-limit = traag boven { $limit }
chart-gap = geen gegevens
chart-table = Toon de waarden als tabel
chart-caption = Reactietijd per tijdstip, nieuwste eerst
th-median = Doorgaans (mediaan)
th-p95 = 95% binnen
th-checks = Controles
th-failed = Mislukt
th-uptime = Beschikbaarheid
th-day = Dag
th-down = Storing
days-title = De laatste 90 dagen
days-words = Beschikbaarheid van de laatste 90 dagen, een balk per dag, oudste eerst: { $good ->
    [one] 1 dag
   *[other] { $good } dagen
} zonder storing{ $bad ->
    [0] {""}
   *[other] , { $bad } met
}{ $gap ->
    [0] .
   *[other] , { $gap } niet gevolgd.
}
# De legenda: hoe kleur en hoogte van een balk te lezen zijn.
days-good = geen storing
days-some = traag, of korter dan een uur eruit
days-bad = een uur of langer eruit
days-gap = niet gevolgd
days-open = Toon de storingen van deze dag
day-outage = { $status }: { $long }
days-today = vandaag
days-table = Toon de dagen als tabel
day-gap = { $date }: { $none }
day-good = { $date }: { $uptime }
day-down = { $date }: { $uptime }, storing van { $long }
# De pagina met de waarden van de grafieken als tabellen.
values-title = { $name } in cijfers
values-description = Reactietijd en beschikbaarheid van { $name } in cijfers, per tijdstip en per dag.
values-failed = { $failed } van de { $checks } controles mislukt
values-failed-all = { $n ->
    [one] de enige controle mislukte
   *[other] alle { $n } controles mislukt
}

## Een opzoeking.

missing-refused = “{ $wanted }” kunnen we niet controleren
missing-meant = Controleer { $meant }
refused-empty = Er staat geen naam in. Typ er een, zoals slack.com.
refused-long = Dat is langer dan het adres van een site kan zijn. De naam is genoeg, zoals slack.com.
refused-scheme = We controleren sites alleen over http en https. Typ een naam zoals slack.com.
refused-credentials = Er staat een gebruikersnaam of wachtwoord in. Laat die weg.
refused-name = Zo kan een site niet heten. Typ een naam zoals slack.com.
refused-dot = Dat is niet de volledige naam van een site. Bedoelde u { $meant }?
refused-port = Poort { $port } controleren we niet, alleen de poorten die websites gebruiken.
refused-special = { $address } is geen adres op het openbare internet. We controleren alleen openbare sites.
refused-file = Geen enkele site heeft een naam op .{ $ending }: dat is een bestand.
refused-ending = Namen op .{ $ending } zijn niet op het openbare internet. We controleren alleen openbare sites.
refusing-off = Andere sites kunt u hier niet controleren.
refusing-budget = U heeft net veel sites gecontroleerd. Wacht { $wait } s.
refusing-busy = Heel veel mensen controleren nu sites. Probeer het zo nog eens.
error-403 = Alleen vanaf onze eigen pagina’s
error-403-text = Dit kan alleen vanaf onze eigen pagina’s worden verstuurd.
lookup-title = Ligt { $name } er op dit moment uit?
lookup-description = Werkt { $name } op dit moment? Van buitenaf gecontroleerd, speciaal voor u.
lookup-looking = { $name } wordt gecontroleerd…
lookup-again-failed = De eerste controle mislukte: { $why }. We controleren het nog eens, voor de zekerheid…
lookup-again-slow = Het antwoord was traag. We controleren het nog eens, voor de zekerheid…
lookup-visitors = Het laatste uur gecontroleerd door { $times } bezoekers.
lookup-visitors-down = Het laatste uur gecontroleerd door { $times } bezoekers; bij { $down } van hen lag de site eruit.
lookup-reports-none = Geen meldingen in de laatste 24 uur.
lookup-reports-day = { $day ->
    [one] 1 melding in de laatste 24 uur, geen in het laatste uur.
   *[other] { $day } meldingen in de laatste 24 uur, geen in het laatste uur.
}
lookup-reports-hour = { $hour ->
    [one] 1 melding in het laatste uur.
   *[other] { $hour } meldingen in het laatste uur.
}
reports-bar = { $n ->
    [one] 1 melding
   *[other] { $n } meldingen
}
# Hoeveel het er zijn op een gewone dag van de laatste week, als lijn. $days: uit hoeveel dagen dat bekend is.
reports-usual = gebruikelijk, op basis van { $days ->
    [one] één dag
   *[other] { $days } dagen
}: { $n ->
    [one] 1 melding per dag
   *[other] { $n } meldingen per dag
}
reports-chart = Meldingen in de laatste 24 uur, een staaf per half uur; de hoogste staat voor { $most }.
lookup-thanks = Bedankt, uw melding telt mee. Ons oordeel verandert er niet door.
lookup-counted = Uw melding telt dit uur al mee.
lookup-last = Dit is wat we het laatst wisten.
lookup-kept-away = Waar u om vroeg is niet op het openbare internet, of is geen website. Verbaast u dat, dan leidt de naam misschien ergens anders heen dan u denkt.
lookup-unavailable = De server meldt dat de site niet beschikbaar is vanwaar wij controleren ({ $how }). Elders komen mensen er misschien wel in.
lookup-restricted = De server antwoordt, maar weert ons ({ $how }). Of mensen met een browser er wel in komen, kunnen we niet zien.
fact-attempts = Pogingen
fact-alias = Alias van
fact-redirects = { $url } ({ $n } keer doorgestuurd)
fact-certificate-left = { $date } (nog { $long })
fact-certificate-over = { $date }: verlopen
just-me = Ligt het aan mij?
just-me-what = De test draait in uw eigen browser; de uitkomst zien wij niet.
just-me-counts = Een melding telt één keer per uur, zonder naam.
just-me-trying = Uw browser probeert het…
just-me-everybody-html = Uw browser krijgt ook geen antwoord: <b>de site ligt er voor iedereen uit</b>, voor zover u en wij dat samen kunnen zien.
just-me-neither-html = Uw browser krijgt geen antwoord en wij krijgen een fout: <b>het werkt bij u niet en bij ons niet</b>.
just-me-here-html = Uw browser krijgt wel antwoord en wij niet: <b>de site lijkt er alleen uit te liggen vanwaar wij controleren</b>.
just-me-also-html = Uw browser bereikt de site en wij ook, maar wij krijgen een fout. <b>Uw browser krijgt waarschijnlijk dezelfde fout</b>; dat kan deze test niet zien. Open de site zelf:
just-me-partly-html = Uw browser krijgt antwoord: <b>bij u werkt de site, maar niet overal</b>.
just-me-partly-you-html = Uw browser krijgt ook geen antwoord: <b>het ligt niet aan u alleen</b>. De site is vanaf sommige plekken bereikbaar en vanaf andere niet.
just-me-you-html = Wij krijgen wel antwoord en uw browser niet: <b>het lijkt aan uw kant te liggen</b>. Het kan uw verbinding zijn, een filter in uw netwerk of een browserextensie.
just-me-slow-html = De site antwoordt, maar uw browser wachtte <b data-seconds></b> s: <b>alleen bij u is het traag</b>.
just-me-slow-all-html = De site antwoordt, maar uw browser wachtte <b data-seconds></b> s: <b>het is bij u en bij ons traag</b>.
just-me-slow-here-html = Uw browser krijgt ook antwoord, in <b data-seconds></b> s: <b>misschien merkt u niet dat het voor ons traag is</b>.
just-me-turned-html = Uw browser bereikt de site ook. <b>Misschien weert de site u net als ons</b>; dat kan deze test niet zien. Open de site zelf:
just-me-kept-html = De site houdt haar antwoorden achter voor pagina’s van anderen, dus <b>deze test kan niet zien of uw browser antwoord krijgt</b>. Open de site zelf:
just-me-fine-html = Uw browser krijgt ook antwoord, in <b data-seconds></b> s: <b>er is niets aan de hand</b>.
just-me-mixed = Uw browser staat niet toe dat een versleutelde pagina als deze een site zonder versleuteling opvraagt. Open het adres zelf.
just-me-unknown-html = We hebben geen oordeel om mee te vergelijken. Uw browser: <b data-own></b>.
just-me-report = Meld een probleem
just-me-reported = Gemeld ✓
just-me-bell = Waarschuw me
just-me-bell-notice = Laat dit tabblad open: u krijgt een melding zodra het over is of verandert.
just-me-bell-title = Uw browser toont hier geen meldingen. Laat dit tabblad open: in de titel staat wanneer het over is.
lookup-again = Controleer opnieuw
lookup-json = Dit als JSON

## Een aanbieder.

provider-title = Storing bij { $name }?
provider-state-html = Sinds { $since } · herkend om { $noticed }
provider-evidence = { $n ->
    [one] Bij 1 van zijn sites ging het mis. Dit is wat wij zelf zien, geen verklaring van { $name }.
   *[other] Bij { $n } van zijn sites ging het binnen een paar minuten mis. Dit is wat wij zelf zien, geen verklaring van { $name }.
}
provider-sites = Sites bij { $name }
provider-sites-none = Geen van de sites die we volgen draait bij { $name }, dus we kunnen niet zeggen hoe het ermee is.
provider-own-trouble = staat hier los van
provider-events = Storingen bij { $name }
provider-events-none = Geen, voor zover we weten.
provider-events-away = De geschiedenis is nu niet te lezen, dus hier staat alleen wat nu speelt.
provider-events-more = { $n ->
    [one] en nog 1
   *[other] en nog { $n }
}
provider-events-all = Nieuwste
provider-events-older = Ouder
provider-events-json = De storingen als JSON
provider-how = Welke sites hier draaien weten we uit onze catalogus, of uit de namen, adressen en headers die onze laatste controles zagen.

## Het plaatje bij een link. $time: wanneer het zo was.

preview-as-of = Stand van { $time }

## Feeds.

feed-all = Alle storingen
feed-site = Storingen van { $name }

## Het oordeel als tekst, voor de opdrachtregel

text-last = Wat we het laatst wisten:
text-broke = Onze eigen controle mislukte. Probeer het over een minuut nog eens.
text-never = Nog niet gecontroleerd
text-seconds-ago = { $n } s geleden gecontroleerd
text-ago = { $long } geleden gecontroleerd
text-others = , het afgelopen uur { $times } keer opgezocht ({ $down } keer onbereikbaar)
text-over = via { $version }
text-from = van { $address }
text-in = in { $latency }
text-redirected = doorgestuurd naar { $url }

## Een kaartje op iemands pagina

embed-uptime = { $share } bereikbaar in 30 dagen
embed-checked = gecontroleerd: { $time }
embed-unknown = Deze site
embed-unknown-word = niet gevolgd
embed-unknown-text = Deze site volgen we niet, dus we kunnen niet zeggen of die werkt.

## Voor programma's: de omlijsting van de beschrijving; wat in de tabellen staat is overal Engels

api-title = API
api-description = De status van sites als JSON: oordelen, controles, storingen, geschiedenis, live veranderingen, badges en feeds. Vrij te lezen, zonder sleutel.
api-intro-html = Iedereen mag hier alles lezen, vanaf elke webpagina en zonder sleutel. Antwoorden zijn JSON. Elk veld is altijd aanwezig, en is <code>null</code> als de waarde niet bekend is. Tijden zijn RFC 3339 in UTC, reactietijden zijn in milliseconden en aandelen lopen van 0 tot 1. Voor codegeneratoren is er <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1), waaruit ook deze pagina is gemaakt. De beschrijvingen van velden en parameters komen daarvandaan en zijn in het Engels.
api-nav = Op deze pagina
api-start = Begin
api-examples = Voorbeelden
api-follow = Veranderingen volgen in een browser:
api-endpoints = Adressen
api-answer = Voorbeeldantwoord
# Wat onder een adres is ingeklapt.
api-parameters-fold = Parameters en antwoord
api-answer-fold = Antwoord
api-answer-schema = Alle velden:
api-such-as = bijv.
api-parameters = Parameters
api-parameters-of = Parameters van { $what }, tabel
api-fields-of = Velden van { $what }, tabel
api-name = Naam
api-value = Waarde
api-type = Type
api-means = Beschrijving
api-schemas = Datatypen
api-schemas-title = Datatypen van de API
api-schemas-text = Elk object dat de API geeft of aanneemt, met zijn velden. In antwoorden is elk veld altijd aanwezig, en null als de waarde niet bekend is.
api-errors = Fouten
api-errors-html = Fouten zijn <code>application/problem+json</code> (RFC 9457, datatype <a href="{ $schemas }#Problem"><code>Problem</code></a>). Hun <code>type</code> verwijst naar een van deze:
api-conventions = Afspraken
api-cache-html = <b>Cache.</b> Antwoorden hebben een <code>ETag</code>: stuur die terug als <code>If-None-Match</code>, en u krijgt <code>304</code> zolang er niets veranderd is. <code>Cache-Control</code> zegt hoeveel seconden er niets kan veranderen: tot de volgende controle, hooguit 30, en 1 zolang er een controle loopt.
api-reach-html = <b>Toegang.</b> Elk adres antwoordt ook op <code>HEAD</code> en <code>OPTIONS</code>, en pagina’s van elke herkomst mogen het lezen (CORS). Met gzip als u dat aankunt. HTTP/1.1, en HTTP/2 zonder onderhandeling (prior knowledge).
api-limits-html = <b>Limieten.</b> Als de beheerder het aantal verzoeken per bezoeker beperkt, hebben antwoorden <code>RateLimit-Policy</code> en <code>RateLimit</code>: <code>"reads";q=600;w=60</code> is 600 per minuut, en <code>"reads";r=12;t=3</code> is nog 12, en over 3 seconden een erbij. Een IPv6-netwerk (/64) telt als één bezoeker.
api-cursors-html = <b>Bladeren.</b> Lange lijsten komen in delen: geef <code>next_cursor</code> door als <code>cursor</code> tot die <code>null</code> is. Wat er intussen bijkomt, verschuift niets.
api-else = Badges, feeds en andere formaten
api-else-text = Ook hiervoor is geen sleutel nodig. Zelf een badge of kaartje maken:
api-address = Adres
api-else-badge = Statusbadge, een SVG. Opties: style, label, color, labelColor, lang
api-else-shields = Hetzelfde voor de endpoint-badge van Shields
api-else-uptime = Badge met de beschikbaarheid; window is 24h, 7d, 30d of 90d
api-else-latency = Badge met de gewone reactietijd; dezelfde tijdvakken
api-else-dot = Alleen het symbool van de status
api-else-days = De laatste 90 dagen als balkjes
api-else-card = Kaartje voor een iframe; theme is light of dark, lang is en of nl
api-else-preview = Plaatje voor wie een link deelt, een PNG; ook op /preview.png en /outages/{"{id}"}/preview.png
api-else-outage = Pagina van één storing; het laatste deel van het adres is de id
api-else-feed = Storingen van alle sites als Atom; ook op /history.atom; met lang=nl in het Nederlands
api-else-feed-json = Hetzelfde als JSON Feed
api-else-feed-site = Storingen van één site als Atom; ook feed.json
api-else-curl = Het oordeel in drie regels tekst, voor curl en wget
api-else-csv = CSV in plaats van JSON; ook voor storingen en geschiedenis
api-else-statuspage = Het formaat van Statuspage voor alle sites; ook status, components en incidents
api-else-statuspage-site = Hetzelfde voor één site
api-else-isitup = Het formaat van isitup.org, voor elke site
api-else-gatus = Badges van Gatus; ook uptimes en response-times
api-else-kuma = Badges van Uptime Kuma; ook uptime, ping en cert-exp
api-else-openapi = Beschrijving van deze API (OpenAPI 3.1)
api-else-health = Of de dienst draait, en of die genoeg weet om te antwoorden
api-else-metrics = Meetwaarden voor Prometheus
api-of-getSite = Eén site
api-of-listSites = Alle sites
api-of-getStatus = Samenvatting
api-of-listChecks = Controles van een site
api-of-listOutagesOfSite = Storingen van een site
api-of-getHistory = Geschiedenis van een site
api-of-listOutages = Storingen van alle sites
api-of-lookUp = Een site opzoeken
api-of-listProviders = Aanbieders
api-of-getProvider = Eén aanbieder
api-of-listProviderEvents = Storingen bij een aanbieder
api-of-listRegions = Regio’s en agents
api-of-waitForSite = Wachten op een oordeel
api-of-followEvents = Veranderingen live volgen

## Badges en kaartjes: de pagina die ze maakt

badges-title = Badges en kaartjes
badges-description = Laat de status, beschikbaarheid of reactietijd van een site zien op uw eigen pagina of in uw README.
badges-kind = Soort
badges-kind-status = Statusbadge
badges-kind-uptime = Beschikbaarheidsbadge
badges-kind-latency = Reactietijdbadge
badges-kind-days = De laatste 90 dagen
badges-kind-dot = Statussymbool
badges-kind-card = Kaartje
badges-window = Periode
badges-style = Stijl
badges-style-flat = plat
badges-style-flat-square = plat, rechte hoeken
badges-style-for-the-badge = groot
badges-language = Taal
badges-make = Maak
badges-preview-card = Open het kaartje
badges-link = Link
badges-unknown = We volgen geen site die “{ $site }” heet. Op de badge zou “onbekend” staan.
badges-alt-status = Status van { $name }
badges-alt-uptime = Beschikbaarheid van { $name }
badges-alt-latency = Reactietijd van { $name }
badges-alt-days = { $name }, laatste 90 dagen
badges-more = Meer badges, kaartjes en opties
badge-uptime = beschikbaarheid { $window }
badge-latency = reactietijd { $window }
badge-days = laatste 90 dagen: { $share }
badge-days-up = { $share } bereikbaar
share-link = Link naar deze pagina
share-feed = Storingen van { $name } als feed:
