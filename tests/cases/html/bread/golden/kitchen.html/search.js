readingRoom.search
[
 [
  "bread-in-one-hour-22b3188c.html",
  "Bread in one hour",
  [
   [
    "n1",
    "Kneading dough",
    [
     [
      "n1",
      "",
      5,
      "Flour and water become dough. See yeast, salt and its home."
     ],
     [
      "n1-s-steps",
      "Steps",
      40,
      "Mix by hand or with a spoon & patience Wait ten minutes"
     ],
     [
      "n1-s-how_long",
      "How long?",
      150,
      "Until the dough is smooth; $3 of flour or $4 of rye make one loaf, and m=2w holds for its weight. A test Press it with one finger. flour water 500 g 320 g ☑ oven hot ☐ table clean1"
     ],
     [
      "n1-s-baking",
      "Baking",
      55,
      "230 °C < 250 °C Bake until brown. 1 Wood is easier to clean than it looks."
     ]
    ]
   ],
   [
    "n2",
    "What is yeast",
    [
     [
      "n2-s-what_is_yeast",
      "What is yeast?",
      20,
      "Yeast is a fungus that turns sugar into gas."
     ],
     [
      "n2-s-where_it_lives",
      "Where it lives",
      240,
      "on fruit in the air in Kneading dough"
     ]
    ]
   ]
  ]
 ]
]
