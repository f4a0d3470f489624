from explorer.core.assets import assets, entry_script


def test_the_assets_lie_beside_the_entry_script():
    assert entry_script().is_file()
    assert (assets() / "zoo" / "plans.toml").is_file()
