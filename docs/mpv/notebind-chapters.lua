-- Loads "<video>.ffmeta" as the chapters of "<video>.mp4" (or .mkv, .webm, ...) when it lies beside it.
-- Copy this file into mpv's folder of scripts: ~/.config/mpv/scripts/, on Windows %APPDATA%\mpv\scripts\.
local utils = require("mp.utils")

mp.add_hook("on_load", 50, function()
  local chapters = mp.get_property("path", ""):gsub("%.[^./\\]+$", "") .. ".ffmeta"
  if utils.file_info(chapters) and mp.get_property("chapters-file", "") == "" then
    mp.set_property("file-local-options/chapters-file", chapters)
  end
end)
