"""How far two countries are from each other at the least, from a table of circles that cover them.

A distance between middles would tell nothing of large neighbours. So circles hold the borders of
each country, and what lies between the nearest two of both is never more than what lies between the
borders: countries may count as nearer than they are, and never as further.
"""

from functools import cache
from math import acos, cos, radians, sin
from typing import Final

_EARTH_KM: Final = 6_371.0
"""The mean radius (IUGG)."""
# Of each country the latitude, longitude and radius in km of circles that hold all points of its
# borders, those of islands and exclaves too. No radius is above 700 km. Made of the public-domain
# polygons of Natural Earth 4.1 (1:10m, admin 0 countries), halving what one circle cannot hold. A
# part with a code of its own, such as Puerto Rico or Réunion, is not in the state that it is of.
_CIRCLES: Final = """
AD 43 2 80 | AE 25 54 290 | AF 33 64 510 36 70 470 | AG 17 -62 90 | AI 18 -63 90 | AL 41 20 190
| AM 40 45 190 | AO -15 15 430 -14 21 530 -8 17 650 | AQ -71 11 410 -73 -10 400 -80 -34 600 -64
-55 660 -71 -66 500 -78 -82 630 -72 -98 500 -75 -124 440 -67 106 480 -68 87 430 -69 64 570 -68
47 370 -70 31 370 -70 155 600 -68 130 560 -77 168 640 -80 -157 690 | AR -50 -68 610 -40 -71 670
-42 -62 660 -34 -58 460 -26 -58 480 -31 -69 510 -25 -65 410 | AS -13 -170 270 | AT 48 13 310 |
AU -11 101 520 -20 119 470 -25 115 460 -32 121 660 -14 143 560 -14 136 450 -15 128 700 -55 159
60 -38 149 690 -36 139 410 -33 131 420 -28 155 570 -21 149 490 | AW 13 -70 70 | AX 60 20 90 | AZ
40 48 300 | BA 44 17 220 | BB 13 -60 70 | BD 24 90 440 | BE 50 4 190 | BF 11 -2 500 | BG 43 25
310 | BH 26 51 60 | BI -3 30 180 | BJ 9 2 390 | BL 18 -63 30 | BM 32 -65 60 | BN 4 115 130 | BO
-19 -64 700 -14 -65 620 | BQ 15 -66 430 | BR -1 -31 360 -6 -38 470 -12 -37 350 -2 -44 400 1 -51
450 2 -60 640 -3 -69 700 -9 -70 580 -15 -62 610 -24 -44 410 -21 -29 70 -18 -40 460 -22 -56 450
-29 -52 610 | BS 24 -76 450 | BT 27 90 210 | BV -54 3 60 | BW -23 24 610 | BY 53 28 360 | BZ 17
-89 190 | CA 80 -83 460 75 -90 500 71 -80 580 62 -88 630 70 -94 420 75 -114 550 70 -109 420 69
-131 560 62 -136 600 54 -130 380 50 -123 460 49 -108 640 65 -73 620 59 -66 410 53 -82 400 58 -84
500 48 -92 540 51 -57 660 47 -64 480 46 -77 700 | CC -12 97 30 | CD -5 17 570 -9 27 620 0 28 590
2 22 630 | CF 6 18 470 7 24 480 | CG -1 15 650 | CH 47 8 200 | CI 7 -6 460 | CK -10 -162 460 -20
-159 250 | CL -53 -72 460 -45 -73 610 -27 -107 250 -34 -74 680 -25 -74 700 -21 -69 400 | CM 7 13
700 | CN 46 130 440 50 121 560 39 124 570 44 110 540 24 116 440 31 120 540 26 101 620 20 109 550
44 98 610 46 86 430 40 79 590 32 82 520 29 91 570 | CO 9 -71 530 9 -79 560 1 -70 590 2 -78 500 |
CR 8 -85 370 | CU 21 -80 620 | CV 16 -24 190 | CW 12 -69 50 | CX -10 106 80 | CY 35 33 170 | CZ
50 15 290 | DE 51 10 470 | DJ 12 42 160 | DK 56 12 250 | DM 15 -61 90 | DO 19 -70 230 | DZ 33 5
590 32 -4 700 25 8 630 21 3 380 24 -4 440 | EC 0 -91 220 -2 -78 400 | EE 59 25 220 | EG 23 31
660 28 29 630 | EH 24 -13 600 | ER 15 40 430 | ES 28 -16 290 41 -3 660 | ET 8 42 680 9 38 660 |
FI 65 25 590 | FJ -17 177 610 | FK -52 -60 170 | FM 8 150 170 10 139 170 6 157 680 | FO 62 -7 70
| FR 45 5 530 47 1 490 | GA -1 12 390 | GB 55 -4 680 | GD 12 -62 90 | GE 42 43 320 | GF 4 -54
270 | GG 50 -2 80 | GH 8 -2 420 | GI 36 -5 40 | GL 82 -41 500 76 -58 530 74 -23 660 69 -42 640
63 -46 380 | GM 13 -15 210 | GN 10 -11 460 | GP 16 -61 100 | GQ 0 8 450 | GR 38 24 470 | GS -57
-33 470 | GT 16 -90 300 | GU 13 145 80 | GW 12 -15 200 | GY 5 -59 450 | HK 22 114 70 | HM -53 74
60 | HN 15 -86 370 | HR 44 16 320 | HT 19 -73 170 | HU 47 19 320 | ID 2 129 600 -5 130 450 -5
133 660 -5 139 510 -1 122 660 -8 122 630 2 97 570 2 104 550 -4 103 480 -6 112 700 1 114 620 | IE
53 -9 290 | IL 31 35 280 | IM 54 -5 70 | IN 10 93 410 27 92 570 23 84 630 12 77 610 18 78 630 24
72 490 31 77 610 | IO -6 72 170 | IQ 33 44 550 | IR 28 57 680 34 60 450 37 55 370 35 48 650 | IS
65 -19 270 | IT 41 12 690 | JE 49 -2 40 | JM 18 -77 150 | JO 31 37 320 | JP 24 154 40 42 142 400
36 140 390 28 141 430 33 135 460 30 126 700 | KE 0 38 660 | KG 41 75 520 | KH 13 105 340 | KI 3
-159 250 -8 -153 500 -4 -173 240 -1 173 470 | KM -12 44 110 | KN 17 -63 60 | KP 40 127 430 | KR
36 128 380 | KW 29 48 150 | KY 20 -81 140 | KZ 46 53 640 53 58 540 44 62 300 45 73 670 54 72 490
49 82 440 | LA 19 105 580 | LB 34 36 140 | LC 14 -61 40 | LI 47 10 50 | LK 8 80 260 | LR 6 -9
320 | LS -30 28 180 | LT 55 24 230 | LU 50 6 70 | LV 56 25 270 | LY 26 14 510 23 22 470 29 22
480 31 13 430 | MA 32 -6 500 25 -13 580 | MC 44 7 50 | MD 47 28 180 | ME 43 19 140 | MF 18 -63
20 | MG -15 47 510 -21 45 520 | MH 10 169 610 | MK 42 22 170 | ML 18 0 500 22 -4 500 15 -7 580 |
MM 14 97 490 23 96 640 | MN 46 94 590 47 99 610 46 107 570 47 116 390 | MO 22 114 60 | MP 17 145
400 | MQ 15 -61 70 | MR 18 -12 640 19 -7 430 24 -9 470 | MS 17 -62 50 | MT 36 14 60 | MU -15 60
680 | MV 3 73 460 | MW -13 34 480 | MX 23 -113 620 30 -113 620 29 -103 480 22 -108 570 18 -90
520 17 -99 610 24 -98 380 | MY 4 102 390 4 114 610 | MZ -13 36 580 -18 33 500 -24 34 370 | NA
-19 21 470 -18 15 370 -25 17 560 | NC -21 167 480 | NE 18 12 650 15 5 560 | NF -29 168 20 | NG
11 9 640 9 6 560 | NI 13 -85 300 | NL 52 5 210 | NO 62 9 460 68 21 480 | NP 28 84 440 | NR -1
167 60 | NU -19 -170 30 | NZ -29 -178 40 -39 173 520 -44 -176 80 -47 171 660 | OM 22 55 630 | PA
9 -80 350 | PE -4 -74 520 -6 -78 420 -14 -74 670 | PF -25 -148 480 -16 -149 600 -11 -141 360 -20
-139 630 | PG -6 152 660 -6 145 590 | PH 16 122 640 9 122 570 | PK 27 66 600 33 73 560 | PL 52
19 440 | PM 47 -56 40 | PN -24 -128 340 | PR 18 -67 190 | PS 32 35 120 | PT 38 -28 340 32 -16
220 40 -8 350 | PW 6 133 400 | PY -24 -59 570 | QA 25 51 140 | RE -21 56 90 | RO 46 25 390 | RS
44 21 280 | RU 65 36 460 57 27 560 49 37 680 47 47 650 53 59 530 53 75 620 80 59 480 77 101 520
73 85 350 71 68 630 69 43 620 51 87 350 51 97 370 51 109 500 50 122 430 47 132 540 49 141 410 56
142 480 46 149 380 52 154 460 73 148 520 73 125 390 59 153 430 58 165 580 70 172 490 64 -180 570
| RW -2 30 150 | SA 26 40 690 19 45 550 27 48 440 22 52 400 | SB -11 164 550 -8 158 290 | SC -7
51 630 | SD 13 34 400 20 33 670 18 24 560 12 27 580 | SE 59 13 410 66 17 470 | SG 1 104 60 | SH
-12 -10 670 -39 -11 250 | SI 46 15 140 | SJ 78 23 420 71 -9 50 | SK 49 20 250 | SL 8 -12 240 |
SM 44 12 40 | SN 14 -14 400 | SO 2 44 500 9 47 570 | SR 4 -56 300 | SS 8 28 430 8 33 560 | ST 1
7 130 | SV 14 -89 170 | SX 18 -63 20 | SY 35 39 400 | SZ -27 32 160 | TC 22 -72 120 | TD 18 18
670 13 22 540 11 16 440 | TF -46 51 90 -38 78 100 -49 69 120 -14 51 490 -20 42 340 | TG 9 1 330
| TH 17 102 530 10 101 490 | TJ 38 71 380 | TK -9 -172 100 | TL -9 126 220 | TM 40 60 670 | TN
34 10 430 | TO -19 -176 390 | TR 39 30 480 39 39 550 | TT 11 -61 150 | TV -8 178 340 | TW 24 120
280 | TZ -5 33 520 -7 37 560 | UA 49 31 670 | UG 1 32 430 | UM 18 -75 50 28 -177 50 19 167 60 0
-177 100 3 -161 420 17 -170 60 | US 27 -175 370 24 -166 240 53 -179 580 57 -167 550 59 -158 390
63 -147 510 64 -166 490 68 -153 570 21 -158 470 58 -135 450 46 -118 650 38 -122 540 49 -103 540
33 -117 380 31 -108 460 30 -99 500 30 -90 390 30 -80 650 46 -89 700 39 -78 520 45 -73 510 | UY
-32 -56 350 | UZ 42 60 470 40 68 450 | VA 42 12 40 | VC 13 -61 70 | VE 10 -70 480 4 -68 380 3
-64 450 11 -62 570 | VG 19 -65 90 | VI 18 -65 60 | VN 20 105 490 13 106 510 | VU -17 168 470 |
WF -14 -177 140 | WS -14 -172 100 | XK 43 21 140 | YE 15 49 700 | YT -13 45 50 | ZA -47 38 50
-28 29 680 -30 22 620 | ZM -14 25 500 -12 30 440 | ZW -19 29 500
"""
_Circle = tuple[float, float, float]


def _parsed(table: str) -> dict[str, list[_Circle]]:
    """Return the circles of each country: latitude and longitude in radians, and kilometres."""
    countries: dict[str, list[_Circle]] = {}
    for country in " ".join(table.split()).split(" | "):
        code, *figures = country.split()
        latitudes, longitudes, radii = (map(int, figures[at::3]) for at in range(3))
        countries[code] = [
            (radians(latitude), radians(longitude), float(radius))
            for latitude, longitude, radius in zip(latitudes, longitudes, radii, strict=True)
        ]
    return countries


COUNTRIES: Final = _parsed(_CIRCLES)


@cache  # of some 30,000 pairs
def least_km(one: str, other: str) -> float:
    """Return how far two countries are apart at the least; 0 for one that is not in the table."""
    pairs = ((a, b) for a in COUNTRIES.get(one, ()) for b in COUNTRIES.get(other, ()))
    return max(0.0, min((_between(*pair) for pair in pairs), default=0.0))


def _between(one: _Circle, other: _Circle) -> float:
    (lat, lon, radius), (other_lat, other_lon, other_radius) = one, other
    cosine = sin(lat) * sin(other_lat) + cos(lat) * cos(other_lat) * cos(lon - other_lon)
    return _EARTH_KM * acos(max(-1.0, min(1.0, cosine))) - radius - other_radius
