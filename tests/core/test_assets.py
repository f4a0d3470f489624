from explorer.core.assets import assets, entry_script, installed


def test_the_assets_lie_beside_the_entry_script():
    assert entry_script().is_file()
    assert (assets() / "zoo" / "plans.toml").is_file()


def test_a_wheel_carries_them_in_the_package_a_checkout_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.core.assets._PACKAGE", tmp_path / "explorer")
    assert (installed(), assets()) == (False, tmp_path / "assets")
    (tmp_path / "explorer" / "_app").mkdir(parents=True)
    assert (installed(), assets()) == (True, tmp_path / "explorer" / "_app" / "assets")
