# Wat er van een site gezegd wordt, waar dan ook.

## De woorden voor elke status.

status-up = werkt
status-slow = traag
status-partial = deels onbereikbaar
status-down = ligt eruit
status-unknown = onbekend
# Hetzelfde van een storing die voorbij is.
past-slow = was traag
past-partial = was deels onbereikbaar
past-down = lag eruit

## Eén zin voor elk oordeel.
## $name: de site. $long: `long`, of niets. $why: `why`, of een punt.

sentence-up = { $name } werkt.
sentence-up-restricted = { $name } werkt, maar weert robots zoals de onze.
sentence-up-restricted-how = { $name } werkt, maar weert robots zoals de onze ({ $how }).
# Zolang we de site niet lang genoeg kennen om te zeggen dat ze dat altijd doet.
# $how: hoe we het weten, tussen haakjes met een spatie ervoor, of niets.
sentence-up-away = { $name } antwoordt, maar weert ons{ $how }; of mensen er wel in komen, kunnen we niet zien.
# Het antwoord is 451: om wat de wet zegt waar wij zijn.
sentence-up-unavailable = { $name } meldt niet beschikbaar te zijn vanwaar wij controleren ({ $how }).
# $how: hoe we het weten, tussen haakjes met een spatie ervoor, of niets.
sentence-up-turned-away = { $name } antwoordt, maar weert ons al { $long }{ $how }; daarvoor niet. Misschien weert de site iedereen.
sentence-up-unavailable-new = { $name } meldt al { $long } niet beschikbaar te zijn vanwaar wij controleren{ $how }; daarvoor wel.
sentence-slow = { $name } antwoordt, maar traag{ $much }{ $long }.
sentence-slow-much = : { $latency } in plaats van de gebruikelijke { $usual }
sentence-slow-latency = : { $latency }
sentence-long = , al { $long }
# $places: waar de site eruit ligt. $n: vanuit hoeveel andere plaatsen de site antwoordt.
sentence-partial = { $name } werkt niet vanuit { $places }{ $long }{ $why } Vanuit { $n ->
    [one] één andere plaats
   *[other] { $n } andere plaatsen
} antwoordt de site wel.
# Vanuit geen andere plaats konden we kijken.
sentence-partial-alone = { $name } werkt niet vanuit { $places }{ $long }{ $why } Alleen van daaruit konden we controleren.
# $places: waar de site traag is. $n: vanuit hoeveel andere plaatsen de site snel antwoordt.
sentence-up-slow-in = { $name } werkt, maar is traag vanuit { $places }; vanuit { $n ->
    [one] één andere plaats
   *[other] { $n } andere plaatsen
} niet.
# $places: waar de site ons weert. $n: hoeveel andere plaatsen erin mogen.
sentence-up-away-in = { $name } werkt, maar weert ons als we controleren vanuit { $places }; vanuit { $n ->
    [one] één andere plaats
   *[other] { $n } andere plaatsen
} niet.
# $n: vanuit hoeveel plaatsen we kijken; dat zijn ze allemaal, en minstens twee.
sentence-up-kept-out = { $name } antwoordt, maar weert ons op { $n ->
    [2] beide
   *[other] alle { $n }
} plaatsen waar we controleren; misschien weert de site alleen robots zoals de onze.
places = { $n } plaatsen
sentence-partial-somewhere = { $name } werkt vanuit sommige plaatsen niet{ $long }{ $why }
sentence-down = { $name } ligt eruit{ $why }
sentence-down-long = { $name } ligt eruit, al { $long }{ $why }
sentence-why = : { $why }.
sentence-never = We hebben { $name } nog niet gecontroleerd.
sentence-unsure = We weten nog niet hoe het met { $name } is: we controleren het nog eens voor de zekerheid.
sentence-stale = We weten niet hoe het met { $name } is: de laatste controle is { $long } geleden.
list-and = { $before } en { $last }
list-more = { $before } en nog { $n }

## Een kop en een regel eronder, voor wie één seconde heeft. De kop: de naam en hooguit vier woorden.
## De regel: delen zonder punt, het eerste met een hoofdletter.

heading-up = { $name } werkt
heading-back = { $name } werkt weer
heading-away = { $name } weert ons
heading-unavailable = { $name } is hier niet beschikbaar
heading-slow = { $name } is traag
heading-partial = { $name } is deels onbereikbaar
heading-down = { $name } ligt eruit
heading-unstable = { $name } is onstabiel
heading-never = { $name }: nog niet gecontroleerd
heading-unsure = { $name }: we kijken opnieuw
heading-unknown = { $name }: we weten het niet
heading-no-name = Geen site op { $name }
heading-kept-away = { $name }: niet gecontroleerd
heading-provider-failing = Problemen bij { $name }
heading-provider-recovering = Herstel bij { $name }
heading-provider-fine = Geen problemen gezien bij { $name }
heading-provider-unclear = { $name }: onduidelijk
heading-provider-empty = Geen sites bij { $name }
line-no-name = Die naam bestaat niet.
line-up = antwoordt in { $latency }
line-restricted = weert robots als de onze, zoals altijd
line-away = we kunnen niet zien of mensen er wel in komen
line-away-new = al { $long }; daarvoor niet
line-slow = { $latency } in plaats van de gebruikelijke { $usual }
line-partial = werkt niet vanuit { $places }
line-slow-places = traag vanuit { $places }
# $n: vanuit hoeveel andere plaatsen de site antwoordt.
line-elsewhere = { $n ->
    [one] antwoordt vanuit één andere plaats
   *[other] antwoordt vanuit { $n } andere plaatsen
}
line-long = al { $long }
line-began = begon { $long } geleden
line-new = zojuist
line-unstable = valt telkens uit
line-unstable-long = valt al { $long } telkens uit
line-unstable-why = laatst: { $why }
line-never = De eerste controle is onderweg
line-unsure = We controleren het nog eens voor de zekerheid
line-stale = Al { $long } geen controle
line-doubt-line = Onze eigen verbinding ligt eruit
line-doubt-names = Onze eigen naamservers werken niet
line-doubt-alone = Niets antwoordt waaruit zou blijken of het aan de site ligt of aan onze eigen verbinding
line-doubt-intercepted = De meeste sites gingen tegelijk op dezelfde manier mis: het ligt waarschijnlijk aan onze eigen verbinding
line-doubt-congested = De meeste sites werden tegelijk traag: het ligt waarschijnlijk aan onze eigen verbinding

## De kop van de dag: hooguit vijf woorden.

brief-none = Nog geen site gevolgd
brief-never = De eerste controles lopen
brief-unknown = We weten het even niet
brief-doubt = Misschien ligt het aan ons
brief-providers = Problemen bij { $n } aanbieders
brief-providers-recovering = Herstel bij { $n } aanbieders
brief-down = { $n ->
    [0] Geen site ligt eruit
    [one] 1 site ligt eruit
   *[other] { $n } sites liggen eruit
}
brief-partial = { $n ->
    [0] Geen site deels onbereikbaar
    [one] 1 site deels onbereikbaar
   *[other] { $n } sites deels onbereikbaar
}
brief-slow = { $n ->
    [0] Geen site is traag
    [one] 1 site is traag
   *[other] { $n } sites zijn traag
}
brief-known = { $n ->
    [one] 1 site werkt
   *[other] { $n } sites werken
}
brief-unusual = { $n ->
    [one] De enige site antwoordt
   *[other] Alle { $n } sites antwoorden
}
brief-fine = { $n ->
    [one] De enige site werkt
   *[other] Alle { $n } sites werken
}

## De zin van de dag.

headline-none = Er wordt nog geen enkele site gevolgd.
headline-never = We hebben nog geen site gecontroleerd.
headline-stale = We weten het niet: de laatste controle is { $long } geleden.
headline-doubt-line = We weten van geen enkele site hoe het ermee is: onze eigen verbinding ligt eruit.
headline-doubt-names = We weten van geen enkele site hoe het ermee is: onze eigen naamservers werken niet.
headline-doubt-alone = We weten van geen enkele site hoe het ermee is: niets antwoordt waaruit zou blijken of het aan de sites ligt of aan onze eigen verbinding.
headline-doubt-intercepted = We weten van geen enkele site hoe het ermee is: de meeste gingen tegelijk op dezelfde manier mis, dus het ligt waarschijnlijk aan onze eigen verbinding.
headline-doubt-congested = We weten van geen enkele site hoe het ermee is: de meeste werden tegelijk traag, dus het ligt waarschijnlijk aan onze eigen verbinding.
headline-more = { $n ->
    [one] Van nog één site weten we het niet{ $why }.
   *[other] Van nog { $n } sites weten we het niet{ $why }.
}
# Twijfel komt eerst, vóór een aanbieder die lijkt te haperen.
headline-doubt-some = { $n ->
    [one] Van één van de { $total } sites weten we het niet{ $why }.
   *[other] Van { $n } van de { $total } sites weten we het niet{ $why }.
}
headline-why-line = : onze eigen verbinding ligt eruit
headline-why-names = : onze eigen naamservers werken niet
headline-why-alone = : niets antwoordt waaruit zou blijken of het aan de sites ligt of aan onze eigen verbinding
headline-why-intercepted = : de meeste gingen tegelijk op dezelfde manier mis, dus het ligt waarschijnlijk aan onze eigen verbinding
headline-why-congested = : de meeste werden tegelijk traag, dus het ligt waarschijnlijk aan onze eigen verbinding
headline-known = { $known ->
    [one] De enige van { $total } sites waarvan we het weten, is in orde.
   *[other] De { $known } van { $total } sites waarvan we het weten, zijn in orde.
}
headline-fine = { $total ->
    [one] De enige site is in orde.
   *[other] Alle { $total } sites zijn in orde.
}
# $n: hoeveel ervan anders dan normaal antwoorden.
headline-unusual = { $total ->
    [one] De enige site antwoordt, maar anders dan normaal.
   *[other] Alle { $total } sites antwoorden, maar { $n ->
        [one] één daarvan anders dan normaal.
       *[other] { $n } daarvan anders dan normaal.
    }
}
headline-known-unusual = { $known ->
    [one] De enige van { $total } sites waarvan we het weten, antwoordt, maar anders dan normaal.
   *[other] De { $known } van { $total } sites waarvan we het weten, antwoorden, maar { $n ->
        [one] één daarvan anders dan normaal.
       *[other] { $n } daarvan anders dan normaal.
    }
}
headline-bad = { $parts }.
headline-also-unusual = { $n ->
    [one] Eén andere antwoordt, maar anders dan normaal.
   *[other] { $n } andere antwoorden, maar anders dan normaal.
}
headline-only-down = De enige site ligt eruit
headline-only-partial = De enige site is deels onbereikbaar
headline-only-slow = De enige site is traag
headline-first-down = { $count ->
    [one] { $count } van { $total } sites ligt eruit
   *[other] { $count } van { $total } sites liggen eruit
}
headline-first-partial = { $count ->
    [one] { $count } van { $total } sites is deels onbereikbaar
   *[other] { $count } van { $total } sites zijn deels onbereikbaar
}
headline-first-slow = { $count ->
    [one] { $count } van { $total } sites is traag
   *[other] { $count } van { $total } sites zijn traag
}
headline-next-partial = { $count ->
    [one] { $count } is deels onbereikbaar
   *[other] { $count } zijn deels onbereikbaar
}
headline-next-slow = { $count ->
    [one] { $count } is traag
   *[other] { $count } zijn traag
}

## Waarom. Einden van zinnen, zonder punt.

failure-dns = het adres was niet op te zoeken
failure-connect = er kwam geen verbinding tot stand
failure-tls = er kwam geen beveiligde verbinding tot stand
# Een CDN zegt dat het de servers van de site niet bereikt (HTTP 520 tot 530).
failure-origin = Cloudflare kan de servers erachter niet bereiken
failed-origin = Cloudflare kon de servers erachter niet bereiken
failure-timeout = het antwoord bleef te lang uit
failure-reset = de verbinding werd verbroken voordat het antwoord compleet was
failure-protocol = wat terugkwam was geen webpagina
failure-redirect = de doorverwijzingen lopen dood
failure-http = de site antwoordt met een fout
# Een status die geen fout is, maar niet een van die welke de beheerder verwacht.
failure-unexpected = de site antwoordt met een andere status dan verwacht
failure-body = de pagina is niet de juiste
# Hetzelfde, van wat nu voorbij is, waar dat anders gezegd wordt.
failed-redirect = de doorverwijzingen liepen dood
failed-http = de site antwoordde met een fout
failed-unexpected = de site antwoordde met een andere status dan verwacht
failed-body = de pagina was niet de juiste
cause-detail = { $words } ({ $detail })
# Hetzelfde, van een plek waarheen de site doorstuurt.
elsewhere-dns = de site stuurt door naar { $host }, waarvan het adres niet op te zoeken was
elsewhere-connect = de site stuurt door naar { $host }, waarmee geen verbinding tot stand kwam
elsewhere-tls = de site stuurt door naar { $host }, waarmee geen beveiligde verbinding tot stand kwam
elsewhere-timeout = de site stuurt door naar { $host }, waarvan het antwoord te lang uitbleef
elsewhere-reset = de site stuurt door naar { $host }, dat de verbinding verbrak voordat het antwoord compleet was
elsewhere-protocol = de site stuurt door naar { $host }, en wat daarvandaan kwam was geen webpagina
elsewhere-http = de site stuurt door naar { $host }, dat met een fout antwoordt
elsewhere-unexpected = de site stuurt door naar { $host }, dat met een andere status antwoordt dan verwacht
elsewhere-body = de site stuurt door naar { $host }, waarvan de pagina niet de juiste is

## Bijzonderheden van storingen en weringen, tussen haakjes achter de woorden voor waarom: ze hebben
## zelf geen haakjes en geen punt.

detail-words-of-others = “{ $text }”
detail-elsewhere = bij { $host }, waarheen de site doorstuurt: { $detail }
detail-late-dns = de naamservers antwoordden niet binnen { $seconds } s
detail-late-connect = geen verbinding binnen { $seconds } s
detail-late-tls = geen TLS-handshake binnen { $seconds } s
detail-late-wait = geen antwoord binnen { $seconds } s
detail-late-transfer = de pagina was niet binnen { $seconds } s compleet
detail-late-end = niet klaar binnen { $seconds } s
detail-no-such-name = die naam bestaat niet: NXDOMAIN
detail-no-such-alias-target = de naam verwijst naar { $name }, en dat bestaat niet
detail-no-address = bij de naam hoort geen adres
# $code: de antwoordcode van DNS.
detail-names-failed = { $code ->
    [1] de naamserver begreep de vraag niet: FORMERR
    [2] de naamserver gaf een fout: SERVFAIL
    [4] de naamserver beantwoordt zulke vragen niet: NOTIMP
    [5] de naamserver weigerde te antwoorden: REFUSED
    [9] de naamserver gaat niet over die naam: NOTAUTH
    [10] de naam valt volgens de naamserver buiten zijn zone: NOTZONE
   *[other] de naamserver gaf fout { $code }
}
detail-names-cut = het antwoord van de naamserver was afgekapt en kwam ook niet over TCP
detail-names-lame = de naamserver kent de naam niet
detail-names-unreachable = de naamservers zijn niet te bereiken
detail-names-special = de naam leidt naar { $address }, en dat is geen openbaar adres
detail-names-bad = het is geen naam die op te zoeken is
detail-names-unknown = de naam was niet op te zoeken
detail-refused = de verbinding werd geweigerd
detail-network = het netwerk is niet te bereiken
detail-host = de server is niet te bereiken, er is geen route naartoe
detail-forbidden = de machine waarvandaan wij kijken staat de verbinding niet toe
detail-connect-silent = niets gaf antwoord
detail-connect-closed = de verbinding werd meteen weer gesloten
detail-connect-failed = verbinden lukte niet
detail-no-file = de machine waarmee wij controleren, had te veel bestanden open
detail-os-error = het besturingssysteem meldt: “{ $text }”
detail-silent = de verbinding viel stil
detail-closed-tls = de verbinding werd gesloten tijdens de TLS-handshake
detail-closed-wait = de verbinding werd gesloten voor er antwoord kwam
detail-closed-transfer = de verbinding werd gesloten halverwege de pagina
detail-not-whole = het antwoord brak af
detail-tls-none = de server spreekt geen TLS op deze poort
# $alert: het nummer van de alert van TLS.
detail-tls-alert = { $alert ->
    [0] de server brak de handshake af zonder te zeggen waarom
    [10] de server brak de handshake af: ons bericht kwam onverwacht
    [20] de server brak de handshake af: een bericht kwam beschadigd aan
    [22] de server brak de handshake af: een bericht was te lang
    [40] de server brak de handshake af: we hebben geen versleuteling gemeen
    [42] de server brak de handshake af: hij wil een geldig clientcertificaat
    [43] de server brak de handshake af: zulke certificaten neemt hij niet aan
    [44] de server brak de handshake af: een certificaat is ingetrokken
    [45] de server brak de handshake af: een certificaat is verlopen
    [46] de server brak de handshake af: hij aanvaardt een certificaat niet
    [47] de server brak de handshake af: hij aanvaardt niet wat wij voorstelden
    [48] de server brak de handshake af: hij kent de uitgever van een certificaat niet
    [49] de server brak de handshake af: geen toegang
    [50] de server brak de handshake af: hij kon ons bericht niet lezen
    [51] de server brak de handshake af: een handtekening of sleutel klopte niet
    [70] de server brak de handshake af: deze versie van TLS spreekt hij niet
    [71] de server brak de handshake af: onze versleuteling is niet sterk genoeg voor hem
    [80] de server brak de handshake af: een fout in de server zelf
    [86] de server brak de handshake af: hij ziet dit als een terugval naar een oudere versie
    [90] de server brak de handshake af: geannuleerd
    [109] de server brak de handshake af: hij wil een uitbreiding van TLS die wij niet sturen
    [110] de server brak de handshake af: hij kent een uitbreiding van TLS niet
    [112] de server brak de handshake af: hij kent deze naam niet
    [113] de server brak de handshake af: de status van een certificaat klopt niet
    [115] de server brak de handshake af: hij wil een sleutel die eerder is afgesproken
    [116] de server brak de handshake af: hij wil een clientcertificaat
    [120] de server brak de handshake af: hij spreekt over TLS geen versie van HTTP die wij spreken
   *[other] de server brak de handshake af met alert { $alert }
}
detail-tls-incompatible = de server heeft geen TLS-versie of versleuteling die wij kennen
detail-tls-wants-certificate = de server brak de handshake af: hij wil een clientcertificaat
detail-tls-failed = de TLS-handshake mislukte
detail-tls-failed-said = de TLS-handshake mislukte: “{ $text }”
detail-certificate-none = de server toont geen certificaat
detail-certificate-expired = het certificaat is verlopen
detail-certificate-expired-on = het certificaat verliep op { $date }
detail-certificate-chain-expired = een certificaat in de keten van zijn uitgevers verliep op { $date }
# Een dag met de tijd erbij, waar de dag alleen te weinig zegt.
date-time = { $date } om { $time } UTC
detail-certificate-early = het certificaat is nog niet geldig
detail-certificate-early-until = het certificaat is pas geldig vanaf { $date }
detail-certificate-name = het certificaat is voor een andere naam
detail-certificate-names = het certificaat is voor een andere naam: { $names }
detail-certificate-issuer = het certificaat is van een onbekende uitgever
detail-certificate-issuer-named = het certificaat is van een onbekende uitgever, “{ $text }”
detail-certificate-issuer-left-out = het certificaat is van een onbekende uitgever, en diens eigen certificaat stuurt de server niet mee
detail-certificate-incomplete = de server laat een certificaat van zijn keten weg
detail-certificate-self-signed = het certificaat is zelfondertekend
detail-certificate-signature = het certificaat is niet ondertekend door de uitgever die erin staat
detail-certificate-key = de sleutel van het certificaat is te kort om veilig te zijn, { $bits } bits
detail-certificate-weak = het certificaat heeft een zwakke handtekening, { $text }
detail-certificate-unsupported = het certificaat is ondertekend op een manier die wij niet kennen
detail-certificate-unsupported-named = het certificaat is ondertekend op een manier die wij niet kennen, { $text }
detail-certificate-kind = het certificaat is niet van een soort voor servers
detail-certificate-revoked = het certificaat is ingetrokken
detail-certificate-bad = het certificaat is niet geldig
detail-certificate-bad-said = het certificaat is niet geldig: “{ $text }”
detail-headers-large = de headers zijn te groot
detail-not-http = het antwoord is geen HTTP
detail-bad-http = het antwoord houdt zich niet aan de regels van HTTP
detail-informational = meer dan { $most } tussenantwoorden, status 1xx, vóór het echte antwoord
detail-not-decoded = de pagina is niet te decoderen
detail-text = de tekst "{ $text }" staat niet op de pagina
detail-text-first = de tekst "{ $text }" staat niet in de eerste { $kib } KiB van de pagina
detail-text-forbidden = de tekst "{ $text }" staat op de pagina
detail-not-json = het antwoord is geen JSON
detail-json-long = de JSON is langer dan { $kib } KiB
detail-json = { $place } in de JSON is { $found } in plaats van { $expected }
detail-json-missing = { $place } ontbreekt in de JSON en zou { $expected } moeten zijn
detail-port = poort { $port } wordt door websites niet gebruikt
detail-special = { $address } is geen openbaar adres
detail-redirects = meer dan { $most } keer doorgestuurd
detail-redirect-none = de site stuurt door, en doorverwijzingen worden niet gevolgd
detail-loop = steeds weer doorgestuurd naar { $text }
detail-redirect-bad = doorgestuurd naar "{ $text }", en dat is geen URL
detail-redirect-scheme = doorgestuurd naar "{ $text }", en dat is geen http of https
detail-status = { $status }: “{ $text }”
# $kind: de status als getal, om te kiezen; $status: dezelfde als tekst, om te tonen.
detail-cloudflare-origin = { $kind ->
    [520] Cloudflare krijgt geen geldig antwoord van de servers van de site, HTTP { $status }
    [521] de servers van de site weigeren de verbinding van Cloudflare, HTTP { $status }
    [522] de servers van de site antwoorden niet als Cloudflare verbinding maakt, HTTP { $status }
    [523] er is geen route van Cloudflare naar de servers van de site, HTTP { $status }
    [524] de servers van de site antwoorden Cloudflare niet op tijd, HTTP { $status }
    [525] Cloudflare krijgt geen beveiligde verbinding met de servers van de site, HTTP { $status }
    [526] het certificaat dat de servers van de site aan Cloudflare tonen, is niet geldig, HTTP { $status }
   *[other] een fout tussen Cloudflare en de servers van de site, HTTP { $status }
}
# $code: het nummer van de fout van Cloudflare.
detail-cloudflare-setting = { $code ->
    [1000] de naam verwijst naar een adres dat Cloudflare niet toestaat, HTTP { $status }
    [1014] de naam verwijst naar die van een andere klant van Cloudflare, en dat mag daar niet, HTTP { $status }
    [1027] de daglimiet van de site bij Cloudflare is bereikt, HTTP { $status }
   *[other] Cloudflare weigert de site te tonen, HTTP { $status }
}
detail-site-stopped = HTTP { $status }, de site is bij { $host } stopgezet
detail-maintenance = HTTP 503, volgens de pagina wegens onderhoud
detail-network-login = HTTP 511, een netwerk onderweg wil dat we eerst inloggen
detail-retry-after = HTTP 503, met het verzoek later terug te komen
# Hetzelfde in woorden die iedere bezoeker kent, voor lijsten en koppen.
plain-no-such-name = de naam is niet te vinden
restriction-challenge = een controlepagina van { $owner }
restriction-legal = om juridische redenen niet beschikbaar, HTTP 451
restriction-999 = HTTP 999, waarmee sommige servers robots afwijzen

## Opmerkingen: wat er van een site die antwoordt naast de toestand gezegd wordt.

note-intermittent = De site hapert: al { $long } lukken veel controles pas bij de tweede poging.
note-turned-away = De site weert ons al { $long }; daarvoor niet. Misschien weert de site iedereen.
note-unavailable = De site meldt al { $long } niet beschikbaar te zijn vanwaar wij controleren; daarvoor wel.
note-ipv4 = Via IPv4 gaat het al { $long } mis; via IPv6 werkt de site.
note-ipv6 = Via IPv6 gaat het al { $long } mis; via IPv4 werkt de site.
note-address = Een van de adressen werkt al { $long } niet; de andere wel.
note-old-tls = De server antwoordt, maar biedt alleen oude versleuteling die wij niet ondersteunen (al { $long } gezien). Dat is onze beperking: wij zien de pagina’s niet, browsers misschien wel.
note-chain = De server stuurt een certificaat dat in de keten hoort niet mee (al { $long } gezien). Veel browsers vinden het zelf; andere programma’s weigeren misschien de verbinding.
note-page-shrunk = De site antwoordt, maar de pagina is al { $long } bijna leeg.
note-page-error = De site antwoordt, maar de pagina heeft al { $long } de titel van een foutmelding.
note-elsewhere = De site antwoordt, maar leidt al { $long } naar een andere site.
# Hetzelfde in een paar woorden, voor lijsten en badges.
mark-intermittent = hapert
mark-turned-away = weert ons
mark-ipv4 = werkt niet via IPv4
mark-ipv6 = werkt niet via IPv6
mark-address = één adres werkt niet
mark-old-tls = alleen oude versleuteling
mark-chain = onvolledige certificaatketen
mark-page = ongewone pagina

## Hoe lang, hoe snel, wanneer.

minutes = { $n ->
    [0] minder dan een minuut
    [one] 1 minuut
   *[other] { $n } minuten
}
hours = { $n } uur
hours-minutes = { $hours } u { $minutes } min
days = { $n ->
    [one] 1 dag
   *[other] { $n } dagen
}
seconds = { $n ->
    [one] 1 seconde
   *[other] { $n } seconden
}
every-minute = minuut
ago-now = zojuist
ago = { $long } geleden
latency-tiny = minder dan 1 ms
latency-millis = { $n } ms
latency-seconds = { $n } s
percent = { $n }%
clock-today = { $time } UTC
clock-day = { $day } { $month }, { $time } UTC
clock-year = { $day } { $month } { $year }, { $time } UTC
clock-on-day = { $day }, { $time }
month-of-year = { $month } { $year }
day = { $day } { $month }
date = { $day } { $month } { $year }
month-short = { $n ->
    [1] jan
    [2] feb
    [3] mrt
    [4] apr
    [5] mei
    [6] jun
    [7] jul
    [8] aug
    [9] sep
    [10] okt
    [11] nov
   *[other] dec
}
month = { $n ->
    [1] januari
    [2] februari
    [3] maart
    [4] april
    [5] mei
    [6] juni
    [7] juli
    [8] augustus
    [9] september
    [10] oktober
    [11] november
   *[12] december
}

# $why: `sentence-unstable-why`, of een punt.
sentence-unstable = { $name } is onstabiel: de site valt telkens uit en komt weer terug{ $why }
sentence-unstable-long = { $name } is onstabiel: de site valt al { $long } telkens uit en komt weer terug{ $why }
sentence-unstable-why = . De laatste keer: { $why }.
sentence-doubt-line = We weten niet hoe het met { $name } is: onze eigen verbinding ligt eruit.
sentence-doubt-names = We weten niet hoe het met { $name } is: onze eigen naamservers werken niet.
sentence-doubt-alone = We weten niet hoe het met { $name } is: de site antwoordt niet, en niets anders antwoordt waaruit zou blijken of het aan de site ligt of aan onze eigen verbinding.
sentence-doubt-intercepted = We weten niet hoe het met { $name } is: de meeste sites gingen tegelijk op dezelfde manier mis, dus het ligt waarschijnlijk aan onze eigen verbinding.
sentence-doubt-congested = We weten niet hoe het met { $name } is: de meeste sites werden tegelijk traag, dus het ligt waarschijnlijk aan onze eigen verbinding.

## Aanbieders. $does: wat een aanbieder doet, na zijn naam.

provider-since = { $name } { $does }, al { $long }.
provider-began = { $name } { $does }. Het begon { $long } geleden.
provider-fails = { $name } { $does }.
provider-blame = { $name }, waar de site draait, { $does }.
provider-blame-names = { $name }, dat de DNS verzorgt, { $does }.
provider-blame-certificate = { $name }, dat het certificaat uitgaf, { $does }.
provider-blame-declared = { $name }, waar de site van afhangt, { $does }.
provider-blame-left = Het ging tegelijk mis met andere sites van { $name }, dat zelf hersteld lijkt.
provider-empty = We volgen geen site bij { $name }.
provider-unknown = We weten niet hoe het met de sites bij { $name } is.
provider-well-known = { $name } lijkt in orde: { $known } van de { $total } sites zijn dat ook, en van de rest weten we het niet.
provider-well = { $total ->
    [one] { $name } lijkt in orde: de enige site die we er volgen, is dat ook.
   *[other] { $name } lijkt in orde: alle { $total } sites die we er volgen, zijn dat ook.
}
# $count: hoeveel van zijn sites haperen; geen ervan is stuk.
provider-intermittent = { $total ->
    [one] We kunnen niet zeggen of { $name } hapert: de enige site die we er volgen, doet het af en toe niet.
   *[other] { $count ->
        [one] { $name } lijkt in orde, maar 1 van de { $total } sites doet het af en toe niet.
       *[other] We kunnen niet zeggen of { $name } hapert: { $count } van de { $total } sites doen het af en toe niet.
    }
}
provider-unclear = We kunnen niet zeggen of { $name } hapert: { $parts }.
provider-own-one = { $name } lijkt in orde: { $parts }, maar dat lijkt aan die site zelf te liggen.
provider-own = { $name } lijkt in orde: { $parts }, maar zo te zien niet door dezelfde oorzaak.
provider-own-some = { $name } lijkt verder in orde: { $parts }.
# $other: de aanbieder waarmee het misging.
provider-through = { $name } lijkt in orde: { $parts }, maar dat lijkt aan { $other } te liggen.
# $since: wanneer de storing begon; $count: hoeveel van deze sites sindsdien haperen.
provider-left = { $name } lijkt hersteld van de storing die { $long } geleden begon, maar nog niet alle sites: { $parts }.
provider-left-some = { $name } lijkt hersteld van de storing die { $long } geleden begon: { $parts }, waarvan { $count } sindsdien.
# $minutes: binnen hoeveel minuten het misging; minstens één.
provider-together = { $minutes ->
    [one] { $name }: bij { $count } van zijn { $total } sites ging het binnen een minuut na elkaar mis; we kijken of daar één oorzaak achter zit.
   *[other] { $name }: bij { $count } van zijn { $total } sites ging het binnen { $minutes } minuten na elkaar mis; we kijken of daar één oorzaak achter zit.
}
provider-together-still = { $minutes ->
    [one] { $name }: bij { $count } van zijn { $total } sites ging het binnen een minuut na elkaar mis; of daar één oorzaak achter zit, kunnen we niet zeggen.
   *[other] { $name }: bij { $count } van zijn { $total } sites ging het binnen { $minutes } minuten na elkaar mis; of daar één oorzaak achter zit, kunnen we niet zeggen.
}

# Waarom we het zeggen. $group: een van de volgende vier; $others: de sites elders.
evidence = Bij { $group } ging het binnen { $minutes ->
    [one] een minuut
   *[other] { $minutes } minuten
} na elkaar en op dezelfde manier mis ({ $alike }); van de { $others } sites elders gold dat toen voor { $elsewhere ->
    [0] geen enkele.
    [one] één.
   *[other] { $elsewhere }.
} Dit is wat wij zelf zien, geen verklaring van { $name }.
evidence-serves = { $affected } van de { $of } sites die bij { $name } draaien
evidence-names = { $affected } van de { $of } sites waarvan { $name } de DNS verzorgt
evidence-certificate = { $affected } van de { $of } sites met een certificaat van { $name }
evidence-declared = { $affected } van de { $of } sites die van { $name } afhangen
alike-certificate = een certificaat dat niet geldig is
alike-errors = fouten van de server
alike-unreachable = geen verbinding of geen antwoord
alike-failing = fouten of geen antwoord
alike-slow = traag
alike-trouble = uitgevallen of traag
provider-elsewhere = Elders: { $parts }.
provider-others = { $total ->
    [one] De andere site is in orde.
   *[other] De andere { $total } sites zijn in orde.
}
provider-does-not-know = { $does }; hoe het nu met zijn sites is, kunnen we niet zeggen
provider-does-well = { $total ->
    [one] { $does }: zijn ene site is weer in orde
   *[other] { $does }: zijn { $total } sites zijn weer in orde
}
provider-does-well-known = { $does }: de sites waarvan we het weten, zijn weer in orde
provider-does-well-but = { $does }: de sites die haperden, zijn weer in orde; verder: { $parts }
provider-does-fail = { $does }: { $parts }
provider-fine-again = { $total ->
    [one] de enige site is weer in orde
   *[other] de { $total } sites zijn weer in orde
}
phase-failed = leek te haperen
phase-recovering = lijkt te herstellen
phase-failing = lijkt te haperen
part-of = { $count } van { $total } sites { $does }
part-of-its = { $total ->
    [one] zijn ene site { $does }
   *[other] { $count } van zijn { $total } sites { $does }
}
part-next = { $count } { $does }
does-down = { $count ->
    [one] ligt eruit
   *[other] liggen eruit
}
does-partial = { $count ->
    [one] is deels onbereikbaar
   *[other] zijn deels onbereikbaar
}
does-slow = { $count ->
    [one] is traag
   *[other] zijn traag
}

## Opzoekingen.

lookup-doubt = We weten niet hoe het met { $name } is: er lijkt iets mis met onze eigen verbinding, want de meeste andere sites lukken ook niet.
lookup-no-name = Er is geen site op { $name }: die naam bestaat niet.
lookup-away-redirect = { $name } verwijst door naar een plek die we niet controleren: een privéadres, of een poort die websites niet gebruiken.
lookup-away-often = De server van { $name }, of een ernaast, is in de afgelopen minuut al zo vaak gecontroleerd dat wij het nu niet deden. Probeer het over een minuut nog eens.
lookup-away = { $name } leidt naar een adres dat niet op het openbare internet is. We controleren alleen openbare sites.
