# Wat de pagina's om de zinnen heen zeggen. `<b>`, `<code>` en links mogen in berichten staan
# waarvan de naam op `-html` eindigt; alle andere zijn platte tekst.

## Om elke pagina.

skip = Naar de inhoud
nav-main = Hoofdmenu
nav-sites = Alle sites
nav-outages = Storingen
nav-about = Hoe we het weten
nav-api = Voor programma’s
language = Taal
as-of-html = Stand van { $time }
reload = Vernieuwen
footer = We kijken van buiten, als iedere bezoeker.
page-title = { $title } · { $brand }
live-on = Live: deze pagina werkt zichzelf bij.
live-lost = We verloren om {"{time}"} het contact en proberen het opnieuw; wat u ziet is van toen.
live-poll = Deze pagina ververst zichzelf elke halve minuut.
notice-refusing = Sinds { $since } kan er niets voor de geschiedenis bewaard worden. Wat u ziet is live.
notice-held = Sinds { $since } neemt onze schijf niets aan en wacht de geschiedenis in het geheugen. Wat u ziet is live.
notice-away = Het archief wacht sinds { $since } op zijn database; de toestand is live, langere grafieken kunnen daar eindigen.

## Het zoeken.

search-label = Werkt die site op dit moment?
search-again = Controleer een andere site
search-button = Kijk

## De voorpagina.

front-title = { $mark } { $headline }
front-last-html = Laatste controle van een site: { $time }.
front-first-looks = De eerste controles zijn onderweg.
front-wrong = Wat er nu mis is
front-wrong-more = { $n ->
    [one] En nog 1
   *[other] En nog { $n }
}
front-filter = Filter
front-filter-all = alle
front-filter-status = Op toestand
front-filter-tag = Op onderwerp
front-sort = Volgorde
front-sort-tag = op onderwerp
front-sort-status = ergste eerst
front-sort-name = op naam
front-sort-latency = traagste eerst
front-sort-uptime = meeste storingen eerst
front-found = { $n ->
    [0] Niets gevonden
    [one] 1 site
   *[other] { $n } sites
}
front-found-for = { $n ->
    [0] Niets gevonden voor “{ $q }”
    [one] 1 site voor “{ $q }”
   *[other] { $n } sites voor “{ $q }”
}
front-found-none = We volgen geen site die zo heet. Kijk de spelling na, of bekijk alle sites.
front-see-all = Bekijk alle sites
front-others = overige
front-all = Alle sites
front-unavailable = hier niet beschikbaar
front-restricted = weert robots
front-away = weert ons
front-latency = , reactietijd
since-html = Sinds { $time }
pages-label = Pagina’s
page-of = Pagina { $page } van { $pages }
page-previous = Vorige
page-next = Volgende

## De pagina van een site.

site-title = { $mark } { $name }: { $status } · Werkt { $name } op dit moment?
site-og-title = { $name }: { $status }
site-since-html = { $status } sinds { $time } <span class="quiet">({ $long })</span>
site-checked-html = laatst gecontroleerd { $ago } <span class="quiet">({ $time })</span>
site-last = De laatste controle
site-phases = Delen van de laatste controle, samen { $total }: { $parts }.
site-phases-together = Samen
site-phases-failed = Tot het misging
phase-dns = Opzoeken
phase-connect = Verbinden
phase-tls = Versleutelen
phase-wait = Wachten
phase-transfer = Ophalen
fact-latency = Reactietijd
fact-usual = Gewone reactietijd
fact-http = HTTP-status
fact-protocol = Protocol
fact-address = Adres
fact-elsewhere = Vanuit { $region }
fact-redirected = Doorgestuurd naar
fact-certificate = Certificaat geldig tot
fact-certificate-expired = het is verlopen
fact-certificate-soon = het verloopt over { $long }
fact-provider = Aanbieder
fact-names = Naamservers van
fact-authority = Certificaat van
fact-depends = Hangt af van
fact-interval = Gecontroleerd om de
site-restricted = De server antwoordt, maar weert robots zoals de onze. Dat is zijn keuze en geen storing: mensen met een browser komen er waarschijnlijk wel in. Het betekent ook dat we niet zien of de pagina’s erachter werken.
site-away = De server antwoordt, maar weert ons. Of mensen met een browser er wel in komen en of de pagina’s erachter werken, kunnen we niet zien.
site-unavailable = De server antwoordt dat de site niet beschikbaar is waar wij kijken ({ $how }): waarschijnlijk om wat de wet daar zegt. Elders komen mensen er misschien wel in.
site-restricted-how = De server antwoordt, maar weert robots zoals de onze ({ $how }). Dat is zijn keuze en geen storing: mensen met een browser komen er waarschijnlijk wel in. Het betekent ook dat we niet zien of de pagina’s erachter werken.
site-uptime = Beschikbaarheid
uptime-24h = 24 uur
uptime-7d = 7 dagen
uptime-30d = 30 dagen
uptime-90d = 90 dagen
site-uptime-none = nog geen gegevens
site-uptime-note = Naar beneden afgerond. Traag telt als bereikbaar; tijd dat we niet keken telt niet mee.
site-recent = Recente controles
site-recent-good = De laatste { $n } controles, oudste eerst: alle werden beantwoord.
site-recent-bad = De laatste { $n } controles, oudste eerst: { $failed } mislukten.
site-recent-key = Hoger is trager; een volle rode balk met een kruis is een mislukte controle.
site-recent-table = Toon deze controles als tabel
site-recent-caption = Recente controles, nieuwste eerst
site-recent-none = Nog geen.
site-regions = Waarvandaan we kijken
site-regions-caption = Wat elke plaats het laatst zag
site-outages = Storingen
site-outages-caption = De laatste storingen, nieuwste eerst
site-outages-never = We hebben nog niet gekeken, dus we weten van geen.
site-outages-none = Geen die we gezien hebben.
site-outages-all = Alle storingen van { $name }
site-share = Toon dit op uw eigen pagina
site-badge-alt = Badge: { $name }, { $status }
site-badge-of = Toestand van { $name }
site-copy = Kopieer
site-copied = Gekopieerd
site-json = Deze pagina als JSON
site-programs = Voor programma’s:
table-of = { $what }, tabel
th-site = Site
th-when = Wanneer
th-from = Vanaf
th-saw = Wat we zagen
th-http = HTTP
th-latency = Reactietijd
th-region = Plaats
th-status = Toestand
th-last = Laatste controle
th-what = Wat
th-until = Tot
th-long = Hoe lang
th-why = Waarom
th-seen = Gezien vanuit
saw-answered = antwoordde
saw-restricted = antwoordde, en weerde ons
saw-attempts = { $saw }, na { $n } pogingen
answered = antwoordde
outage-event = storing bij de aanbieder
outage-going-on = nog gaande
none = –

## Storingen.

outages-of = Storingen van { $name }
outages-description = Wanneer sites eruit lagen, traag waren of vanuit sommige plaatsen niet te bereiken; nieuwste eerst.
outages-zone = Dagen en tijden op deze pagina zijn in UTC.
outages-any = alle
outages-show = Toon
# $what: `nav-outages` of `outages-of`. $span: een dag of een maand.
outages-in = { $what }, { $span }
# $long: hoe lang alles bij elkaar.
outages-sum = { $n ->
    [one] 1 storing, { $long }
   *[other] { $n } storingen, { $long }
}
outages-event = { $name } leek te haperen
outages-months = Andere maanden
outages-unknown-site = We kennen geen site die “{ $site }” heet.
outages-none-fit = Geen storingen gevonden met deze filters.
outages-only = Alleen:
outages-without = Zonder het filter { $what }
outages-newer = Nieuwer
outages-older = Ouder
outages-away = Het archief is nu niet te lezen; wat volgt is uit het geheugen, de laatste paar van elke site.

## Eén storing. $name: de site. $long: hoe lang die duurde.

outage-was-down = { $name } lag eruit
outage-was-partial = { $name } lag er deels uit
outage-was-slow = { $name } was traag
# $what: een van de drie hiervoor.
outage-title = { $what }: { $long }, { $date }
outage-description = { $what } van { $start } tot { $end }: { $long }.
outage-description-why = { $what } van { $start } tot { $end }: { $long }. Wat we zagen: { $why }.
outage-description-still = { $what } sinds { $start }.
outage-description-still-why = { $what } sinds { $start }. Wat we zagen: { $why }.
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
outage-away = Ons archief is nu niet te lezen. Wat u ziet komt uit het geheugen; het verloop en de controles komen met het archief terug.
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

missing = We volgen { $wanted } niet.
missing-so = Dus we kunnen niet zeggen of het werkt.
missing-near = Bedoelde u een van deze?

## Moeilijkheden.

trouble-404 = Hier is niets
trouble-404-text = Op dit adres is niets.
trouble-405 = Niet zo
trouble-405-text = Dit adres is alleen te lezen: vraag met GET of HEAD.
trouble-414 = Te lang
trouble-414-text = Dat is meer tekst dan we kunnen lezen. De naam van een site is genoeg, zoals slack.com.
trouble-429 = Niet zo snel
trouble-429-text = U heeft meer gevraagd dan we voor één bezoeker kunnen opzoeken. Wacht een minuut en vraag het opnieuw.
trouble-503 = Te traag
trouble-503-text = Dit duurde te lang. Probeer het over een minuut opnieuw.
trouble-500 = Onze eigen moeilijkheden
trouble-500-text = We hebben zelf moeilijkheden. Probeer het over een minuut opnieuw.
trouble-knew-html = Dit wisten we om { $time }:

## Hoe we het weten.

about-title = Hoe we het weten
about-description = Hoe we weten of een site werkt, en wat we niet beweren.
about-intro-html = { $sites ->
    [one] We volgen één site vanuit <b>{ $regions }</b>.
   *[other] We volgen { $sites } sites vanuit <b>{ $regions }</b>.
} Elk wordt telkens weer om zijn pagina gevraagd, steeds over een nieuwe verbinding, zoals een bezoeker het zou vragen: de meeste om de { $interval }. Zo bepalen we wat we zeggen.
about-words = Wat onze woorden betekenen
about-up = De site antwoordt, en vlot genoeg.
about-slow = De site antwoordt, maar veel later dan gewoonlijk: meer dan drie keer de eigen gewone reactietijd, en meer dan een seconde, tenzij de site een eigen grens heeft; en dat een paar keer achter elkaar.
about-partial = De site is vanuit sommige plaatsen waar we kijken niet te bereiken, maar vanuit de meeste wel.
about-down = De site is niet te bereiken of antwoordt met een fout, en een tweede blik over een nieuwe verbinding zei hetzelfde.
about-unknown = We hebben geen verse controle, of wat de laatste zei is nog niet bevestigd. Wat we niet weten, tonen we nooit als werkend.
about-confirm = Bevestiging
about-confirm-text = Eén mislukte controle maakt nog geen storing, en één goede maakt er geen eind aan: beide keren kijken we nog eens. Is een storing bevestigd, dan telt ze van de eerste mislukte controle tot de eerste goede.
about-doubt = Eerst twijfelen we aan onszelf
about-doubt-text = Als het met de meeste sites die niets met elkaar te maken hebben tegelijk misgaat, of ze nu zwijgen, op dezelfde manier falen of traag worden, ligt dat waarschijnlijk aan onze eigen verbinding. Dan zeggen we dat we het niet weten, tot blijkt dat het niet aan ons ligt; wat we vlak daarvoor over sites zeiden, nemen we terug, ook in de geschiedenis. Waar niets anders te vragen is, zeggen we dat we niet weten of het aan de site ligt of aan onze verbinding.
about-restricted = Geweerd is niet kapot
about-restricted-text = Veel sites weren robots, met een status als 403 of met een pagina die vraagt of u een mens bent. Ze antwoorden, dus ze werken; een opmerking zegt dat we geweerd werden, omdat we dan niet zien of de pagina’s erachter werken.
about-fresh = Hoe vers het is
about-fresh-text = Elke pagina zegt wanneer we het laatst keken. Stoppen de controles van een site, dan wordt de toestand onbekend zodra er een stuk of twee zijn uitgebleven. Tijd dat we niet keken, telt niet als werkend en niet als storing.
about-lookup = Als u een site opzoekt
about-lookup-text = Vraagt u naar een site die we niet volgen, dan kijken we meteen naar de voorpagina, over https of http; wat mis lijkt, bekijken we nog eens voor we het zeggen. Eén antwoord geldt { $cache } lang voor iedereen. U kunt { $budget } keer per minuut om een nieuwe controle vragen; daarna laten we zien wat we het laatst wisten.
about-lookup-public = We kijken alleen naar adressen van het openbare internet, op de poorten { $ports }, en nooit met een gebruikersnaam of wachtwoord; doorsturen naar elders volgen we niet.
about-lookup-private = Hier wordt elke bezoeker vertrouwd: we kijken ook naar privéadressen en op elke poort.
about-lookup-kept = We onthouden hooguit { $hours } uur hoeveel bezoekers een site opzochten en hoeveel er een probleem meldden, per vijf minuten; dat schrijven we nooit op, en wie dat waren evenmin. Om niemand binnen een uur dubbel te tellen blijft een gezouten hash van uw adres in het geheugen; elke dag gooien we die weg, met het zout.
about-lookup-you = ‘Ligt het aan u?’ Als u op een pagina van een site op de knop drukt, en niet eerder, vraagt uw eigen browser die site om zijn pagina, zonder cookies en zonder te zeggen waar hij vandaan komt. Wat daaruit komt, blijft in uw browser.
about-lookup-report = De knop voor wie ook een probleem heeft, stuurt ons alleen dat. Hij telt u één keer per uur en verandert geen oordeel.
about-claims = Wat we niet beweren
about-claim-you = Dat een site het bij u doet: uw eigen verbinding, aanbieder, account of land kan verschillen.
about-claim-part = Dat elk deel van een site werkt: we vragen om één pagina, loggen niet in en kopen niets.
about-claim-fault = Dat een storing de schuld van de site zelf is: de weg erheen kan stuk zijn.
about-claim-between = Dat er tussen twee controles niets gebeurde: wat korter is, zien we misschien niet.
about-privacy = Wat we van u weten
about-privacy-text = Er zijn hier geen cookies, er wordt niets bij een ander opgehaald, en wie u bent wordt niet opgeschreven.

## Grafieken.

chart = Reactietijd
chart-window = Tijdvak
chart-24h = 24 uur
chart-7d = 7 dagen
chart-30d = 30 dagen
chart-90d = 90 dagen
chart-words = De helft van de controles duurde van { $least } tot { $most }; 95 van de 100 hooguit { $high }.
chart-from-to = { $from } tot { $to }
chart-slice = { $when }: de helft binnen { $middle }, 95 van de 100 binnen { $high }
chart-slice-gap = { $when }: geen gegevens
chart-slice-failed = { $when }: geen antwoord
chart-slice-down = { $said }; lag er { $long } uit
chart-none = Er valt nog niets te tekenen.
chart-away = Het archief is nu niet te lezen; dit komt vanzelf terug.
chart-keys = Pijltjestoetsen tonen de waarden een voor een.
chart-half = de helft van de controles is sneller
chart-most = 95 van de 100 zijn sneller
chart-outage = storing
chart-gap = geen gegevens
chart-table = Toon de waarden als tabel
chart-caption = Reactietijd naar tijd, nieuwste eerst
th-half = Helft binnen
th-most = 95 van de 100 binnen
th-checks = Controles
th-failed = Mislukt
th-uptime = Beschikbaarheid
th-day = Dag
th-down = Storing
days-title = De laatste 90 dagen
days-words = Beschikbaarheid van de laatste 90 dagen, een balk per dag, oudste eerst: { $good ->
    [one] 1 dag
   *[other] { $good } dagen
} zonder storing, { $some } met, { $gap } zonder gegevens.
days-from-to = 90 dagen geleden
days-today = vandaag
days-table = Toon de dagen als tabel
day-gap = { $date }: { $none }
day-good = { $date }: { $uptime }
day-down = { $date }: { $uptime }, storing van { $long }

## Een opzoeking.

missing-refused = We kunnen niet naar “{ $wanted }” kijken.
missing-meant = Kijk naar { $meant }
refused-empty = Er staat geen naam in. Typ er een zoals slack.com.
refused-long = Het is langer dan het adres van een site kan zijn. De naam is genoeg, zoals slack.com.
refused-scheme = We kijken alleen over http en https naar sites. Typ een naam zoals slack.com.
refused-credentials = Er staat een gebruikersnaam of wachtwoord in. Laat die weg.
refused-name = Dat is geen naam die een site kan hebben. Typ er een zoals slack.com.
refused-dot = Dat is niet de hele naam van een site. Bedoelde u { $meant }?
refused-port = We kijken niet naar poort { $port }, alleen naar die van websites.
refused-special = { $address } is geen adres van het openbare internet. We kijken alleen naar openbare sites.
refused-file = Namen van sites eindigen niet op .{ $ending }: dat is een bestand.
refused-ending = Namen die op .{ $ending } eindigen zijn niet van het openbare internet. We kijken alleen naar openbare sites.
refusing-off = Bezoekers kunnen hier geen andere sites opzoeken.
refusing-budget = U heeft net veel sites opgezocht. Wacht { $wait } s.
refusing-busy = Heel veel mensen zoeken nu sites op. Probeer het zo nog eens.
trouble-403 = Niet daarvandaan
trouble-403-text = Dit kan alleen vanaf onze eigen pagina’s gevraagd worden.
lookup-title = Werkt { $name } op dit moment?
lookup-description = Of { $name } op dit moment werkt, van buiten bekeken.
lookup-nothing = We weten het niet van { $name }.
lookup-looking = We kijken nu naar { $name }…
lookup-again-failed = De eerste controle mislukte: { $why }. We kijken nog eens, voor de zekerheid…
lookup-again-slow = Het antwoord was traag: we kijken nog eens, voor de zekerheid…
lookup-crowd = Het laatste uur opgezocht door { $times } bezoekers.
lookup-crowd-down = Het laatste uur opgezocht door { $times } bezoekers; { $down } van hen hoorden dat het eruit ligt.
lookup-reports-none = Niemand heeft de laatste dag een probleem gemeld.
lookup-reports-day = { $day ->
    [one] 1 bezoeker meldde de laatste dag een probleem, niemand het laatste uur.
   *[other] { $day } bezoekers meldden de laatste dag een probleem, niemand het laatste uur.
}
lookup-reports-hour = { $hour ->
    [one] 1 bezoeker meldde het laatste uur een probleem.
   *[other] { $hour } bezoekers meldden het laatste uur een probleem.
}
lookup-curve = Meldingen van de laatste 24 uur, een half uur per staaf, hoogstens { $most } in één.
lookup-thanks = Dank u: u bent geteld. Aan het oordeel verandert het niets.
lookup-counted = U was dit uur al geteld.
lookup-last = Dit is wat we het laatst wisten.
lookup-checked-html = { $ago } bekeken <span class="quiet">({ $time })</span>
lookup-kept-away = Waar u om vroeg is niet op het openbare internet, of is geen website. Verbaast u dat, dan leidt de naam misschien ergens anders heen dan u denkt.
lookup-unavailable = De server antwoordt dat de site niet beschikbaar is waar wij kijken ({ $how }). Elders komen mensen er misschien wel in.
lookup-restricted = De server antwoordt, maar weert ons ({ $how }). Of mensen met een browser er wel in komen, kunnen we niet zien.
fact-attempts = Pogingen
fact-alias = Alias van
fact-redirects = { $url } ({ $n } keer doorgestuurd)
fact-certificate-left = { $date } (nog { $long })
fact-certificate-over = { $date }: het is verlopen
me = Ligt het aan u?
me-try = Probeer het met mijn browser
me-what = Als u hierop drukt, en niet eerder, vraagt uw browser zelf { $url } om zijn pagina, zonder cookies, en vertelt alleen u of er antwoord kwam. Daarvan wordt niets naar ons gestuurd.
me-trying = Bezig…
me-everybody-html = U krijgt geen antwoord en wij ook niet: <b>het ligt er voor iedereen uit</b>, voor zover twee dat kunnen zeggen.
me-here-html = Uw browser krijgt antwoord en wij niet: <b>het ligt er alleen uit vanwaar wij kijken</b>.
me-you-html = Wij krijgen antwoord en uw browser niet: <b>het ligt er alleen voor u uit</b>. Het kan uw verbinding zijn, een filter in uw netwerk of een browserextensie.
me-slow-html = Het antwoordt, maar deed er bij u <b data-seconds></b> s over: <b>alleen traag voor u</b>.
me-slow-all-html = Het antwoordt u, maar deed er <b data-seconds></b> s over: <b>traag voor u en voor ons</b>.
me-fine-html = Uw browser krijgt ook antwoord, in <b data-seconds></b> s: <b>het is in orde</b>.
me-mixed = Uw browser laat een pagina als deze geen site zonder versleuteling vragen. Probeer het adres zelf.
me-unknown-html = We hebben geen oordeel om mee te vergelijken. Uw browser: <b data-own></b>.
me-report = Ik heb er ook een probleem mee
me-report-what = U wordt één keer per uur geteld, zonder cookie, en we bewaren niet wie u bent.
lookup-again = Kijk nog eens
lookup-again-now = Kijk nu nog eens naar { $name }
lookup-json = dit als JSON

## Een aanbieder.

provider-title = Hapert { $name } op dit moment?
provider-state-html = Al { $long }, vanaf { $since } · we zagen de ene oorzaak om { $noticed }
provider-evidence = { $n ->
    [one] 1 van zijn sites ging mis. Dat zien we van buiten; het is geen woord van { $name }.
   *[other] { $n } van zijn sites gingen binnen een paar minuten mis. Dat zien we van buiten; het is geen woord van { $name }.
}
provider-sites = Sites bij { $name }
provider-sites-none = Geen van de sites die we volgen is bij { $name }, dus we kunnen niet zeggen hoe het ermee is.
provider-more = Meer over { $name }
provider-own-trouble = staat hier los van
provider-events = Wanneer { $name } leek te haperen
provider-events-none = Nooit, voor zover ons archief reikt.
provider-events-away = Het archief is nu niet te lezen, dus hier staat alleen wat nog gaande is.
provider-events-more = { $n ->
    [one] en nog 1
   *[other] en nog { $n }
}
provider-events-all = De nieuwste
provider-events-older = Ouder
provider-events-json = de gebeurtenissen als JSON
provider-how = Bij wie een site is weten we uit de catalogus, of uit de namen, adressen en headers die onze laatste controles tegenkwamen.

## Feeds.

feed-all = Alle storingen
feed-site = Storingen van { $name }

## Het oordeel als tekst, voor de opdrachtregel

text-last = Wat we het laatst wisten:
text-broke = Onze eigen controle ging mis. Probeer het over een minuut nog eens.
text-never = Nog niet bekeken
text-seconds-ago = { $n } s geleden bekeken
text-ago = { $long } geleden bekeken
text-others = , het afgelopen uur { $times } keer opgezocht (waarvan het er { $down } keer uit lag)
text-over = via { $version }
text-from = van { $address }
text-in = in { $latency }
text-redirected = doorgestuurd naar { $url }

## Een kaartje op iemands pagina

embed-uptime = { $share } bereikbaar in 30 dagen
embed-checked = bekeken { $time }
embed-nobody = Onbekend
embed-nobody-text = Deze site volgen we niet.

## Voor programma's: de omlijsting van de beschrijving; wat in de tabellen staat is overal Engels

api-title = Voor programma’s
api-description = Wat programma’s kunnen vragen: sites, hun status, controles, storingen, veranderingen zodra ze er zijn, en badges.
api-intro-html = Alles hier mag iedereen lezen, vanaf elke pagina, zonder sleutel. Antwoorden zijn JSON; elk veld is er altijd, en is <code>null</code> als we het niet weten. Tijden zijn RFC 3339 in UTC, reactietijden zijn milliseconden, aandelen gaan van 0 tot 1. Wat een machine ervan moet weten staat in <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1), waaruit ook deze pagina is gemaakt. De uitleg van elk adres en elk veld is in het Engels, net als wat programma’s te lezen krijgen.
api-nav = Op deze pagina
api-examples = Voorbeelden
api-examples-in = Voorbeelden in curl, JavaScript, Python en Rust
api-badges = Badges
api-badge-of = Statusbadge van { $site }
api-uptime-of = Bereikbaarheidsbadge van { $site }
api-shapes = Vormen
api-manners = Omgangsvormen
api-manners-of = Omgangsvormen: opnieuw vragen, grenzen, coderingen
api-errors = Fouten
api-parameters = Parameters
api-parameters-of = Parameters van { $what }, tabel
api-fields = Velden
api-fields-of = Velden van { $what }, tabel
api-name = Naam
api-does = Wat het doet
api-may-be = Wat het mag zijn
api-is = Wat het is
api-means = Wat het betekent
