"""Prints the German public holidays of the PyPI package `holidays`, 2000-2050.

One line a day: place, tab, date. A place is a Land, a Land with the holidays of its Catholic
municipalities (`BY+catholic`), or the city of Augsburg.
"""

import holidays

YEARS = range(2000, 2051)
LAENDER = ["BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"]

places = {land: (land, ("public",)) for land in LAENDER}
places |= {f"{land}+catholic": (land, ("public", "catholic")) for land in ["BY", "SN", "TH"]}
places["Augsburg"] = ("Augsburg", ("public",))

for place, (subdivision, categories) in places.items():
    days = holidays.country_holidays("DE", subdiv=subdivision, years=YEARS, categories=categories)
    for day in sorted(days):
        print(place, day, sep="\t")
