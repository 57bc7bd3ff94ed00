readingRoom.search
[
 [
  "notes-from-no-video-6098e2f0.html",
  "Notes from no video",
  [
   [
    "n1",
    "Notes from no video",
    [
     [
      "n1",
      "",
      -1,
      "A page that names no video keeps its stamps as text."
     ],
     [
      "n1-s-later",
      "Later",
      -1,
      "Still no video."
     ]
    ]
   ]
  ]
 ]
]
