using GameStack.ServiceDefaults.Listening;

namespace GameStack.Tests.ServiceDefaults.Listening;

public sealed class DescriptorLimitTests
{
    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files     ", 1_000_000)]
    [InlineData("Max open files            1073741816           1073741816           files     ", 1_000_000)]
    [InlineData("Max processes             63455                63455                processes ", 1_000_000)]
    public void The_soft_limit_is_read_from_the_kernels_table(string line, int limit) =>
        Assert.Equal(limit, DescriptorLimit.Read(["Limit                     Soft Limit           Hard Limit           Units     ", line]));

    [Fact]
    public void This_process_has_a_limit() => Assert.InRange(DescriptorLimit.Value, 1, 1_000_000);
}
