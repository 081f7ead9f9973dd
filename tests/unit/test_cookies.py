import pytest
from yarl import URL

from copydesk.runtime.cookies import MAX_COOKIE_BYTES, MAX_COOKIES, ChainCookies

HTTPS = URL("https://a.example/x")
HTTP = URL("http://a.example/y")


def after(*headers, url=HTTPS):
    cookies = ChainCookies()
    cookies.take(url, headers)
    return cookies


def test_a_cookie_goes_back_to_its_host():
    cookies = after("a=1; Path=/; HttpOnly", "b=two=2")
    assert cookies.header(HTTPS) == "a=1; b=two=2"
    assert cookies.header(URL("https://a.example:8443/")) == "a=1; b=two=2"


@pytest.mark.parametrize("other", ["https://b.example/", "https://www.a.example/", "https://example/"])
def test_and_to_no_other_whatever_it_says(other):
    assert after("a=1; Domain=example", "b=1; Domain=.a.example").header(URL(other)) is None


def test_a_secure_cookie_goes_over_tls_alone():
    assert after("a=1; Secure", "b=2").header(HTTP) == "b=2"


@pytest.mark.parametrize(
    "end", ["Max-Age=0", "max-age=-5", "Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Expires=Thu, 01-Jan-1970 00:00:00 GMT"]
)
def test_a_cookie_is_deleted_by_one_that_has_ended(end):
    cookies = after("a=1", "b=2")
    cookies.take(HTTPS, [f"a=; {end}"])
    assert cookies.header(HTTPS) == "b=2"


@pytest.mark.parametrize(
    "kept",
    [
        "Max-Age=60",
        "Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Expires=soon",
        f"Expires=Thu, 01 Jan 1970 00:00:00 +{10**30}",
        f"Expires=Thu, {'9' * 20} Jan 1970 00:00:00 GMT",
    ],
)
def test_and_not_by_one_that_lasts(kept):
    assert after(f"a=1; {kept}").header(HTTPS) == "a=1"


@pytest.mark.parametrize("header", ["", "a", "=1", "ä=1", "a=\udcff", "a=\x01"])
def test_what_is_no_cookie_is_left_out(header):
    assert after(header).header(HTTPS) is None


def test_cookies_are_bounded():
    said = after(*(f"c{n}=1" for n in range(MAX_COOKIES + 5))).header(HTTPS)
    assert said.count("=") == MAX_COOKIES
    assert after("a=" + "x" * MAX_COOKIE_BYTES).header(HTTPS) is None
