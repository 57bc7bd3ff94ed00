readingRoom.search
[
 [
  "baking-day-22b3188c.html",
  "Baking day",
  [
   [
    "n1",
    "Baking day",
    [
     [
      "n1-s-the_dough",
      "The dough",
      90,
      "Mix it in the morning. Proving > How long As said: Baking day Proving"
     ],
     [
      "n1-s-the_oven",
      "The oven",
      -1,
      "Proving Proving"
     ]
    ]
   ]
  ]
 ],
 [
  "proving-662d626f.html",
  "Proving",
  [
   [
    "n1",
    "Proving",
    [
     [
      "n1-s-how_long",
      "How long",
      40,
      "Until it has doubled1, see Where and the day."
     ],
     [
      "n1-s-where",
      "Where",
      -1,
      "a warm place no draught not the sun Baking day > The dough 1 In about an hour."
     ]
    ]
   ]
  ]
 ]
]
