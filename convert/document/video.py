"""The addresses of videos and the names of their sites, by provider."""

from __future__ import annotations

from convert.document.note import Video

_SITES = {
    "dailymotion": ("Dailymotion", "https://www.dailymotion.com/video/{id}", "?start={s}"),
    "twitch": ("Twitch", "https://www.twitch.tv/videos/{id}", "?t={s}s"),
    "bilibili": ("Bilibili", "https://www.bilibili.com/video/{id}", "&t={s}"),
    "loom": ("Loom", "https://www.loom.com/share/{id}", "?t={s}"),
    "wistia": ("Wistia", "https://{id}", "?wtime={s}"),
    "panopto": ("Panopto", "https://{id}", "&start={s}"),
}
"""Other sites by provider: name, address of a video, and what leads to a second of it."""


def watch_url(video: Video, start_ms: int | None = None) -> str:
    """Return the address that plays the video, from `start_ms` on if given (rounded down to seconds).

    "" for a local file, which books cannot link to, and for an unknown provider.
    """
    seconds = None if start_ms is None else start_ms // 1000
    match video.provider:
        case "youtube":
            return f"https://youtu.be/{video.id}" + ("" if seconds is None else f"?t={seconds}")
        case "vimeo":
            return f"https://vimeo.com/{video.id}" + ("" if seconds is None else f"#t={seconds}s")
        case "peertube":
            return f"https://{video.id}" + ("" if seconds is None else f"?start={seconds // 60}m{seconds % 60:02}s")
        case "file" if video.id.startswith(("http://", "https://")):
            # Media Fragments URI 1.0, 4.2.1
            return video.id + ("" if seconds is None else f"#t={seconds}")
        case provider if site := _SITES.get(provider):
            return site[1].format(id=video.id) + ("" if seconds is None else site[2].format(s=seconds))
        case _:
            return ""


def site_of(video: Video) -> str:
    """Return the name of the video's site: `YouTube`, the host of a PeerTube; "" for a file."""
    names = {"youtube": "YouTube", "vimeo": "Vimeo", "peertube": video.id.partition("/")[0]}
    return names.get(video.provider) or _SITES.get(video.provider, ("",))[0]
