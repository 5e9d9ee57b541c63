! Symmetries of the shallow-water step that hold over any bed, with every option: no place and no direction is special.
program test_symmetry
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water
  use checks
  use option_cases
  implicit none

  type(tally) :: t
  type(option_case), allocatable :: cases(:)
  integer :: k
  integer, parameter :: steps = 10, small(2,8) = reshape([1, 1, 1, 4, 3, 1, 2, 1, 2, 2, 2, 3, 3, 2, 5, 3], [2, 8])

  allocate (cases, source=all_cases())
  do k = 1, size(cases)
    cases(k)%p%wimp = 0.6_dp
    call mirror(cases(k))
    if (cases(k)%p%periodic_x) call shift(cases(k), 5, 0)
    if (cases(k)%p%periodic_y) call shift(cases(k), 0, 4)
    if (cases(k)%p%periodic_x .and. cases(k)%p%periodic_y) call shift(cases(k), -2, 3)
  end do
  call wall_of_land('even', 20, 16)
  call wall_of_land('odd', 21, 15)
  do k = 1, size(small, 2)
    call copies(small(1,k), small(2,k))
  end do
  call finish(t)

contains

  ! x and y exchanged, and with them u and v, the edges and the sense of rotation; beta has no mirror image.
  subroutine mirror(original)
    type(option_case), intent(in) :: original
    type(option_case) :: c, m
    real(dp), dimension(original%p%nx,original%p%ny,3) :: x, back
    real(dp), dimension(original%p%ny,original%p%nx,3) :: y

    c = original
    c%p%beta = 0
    m = c
    m%p%nx = c%p%ny
    m%p%ny = c%p%nx
    m%p%dx = c%p%dy
    m%p%dy = c%p%dx
    m%p%coriolis = -c%p%coriolis
    m%p%periodic_x = c%p%periodic_y
    m%p%periodic_y = c%p%periodic_x
    m%depth = transpose(c%depth)
    m%forcing%boundary_i => c%forcing%boundary_j
    m%forcing%boundary_j => c%forcing%boundary_i
    if (associated(c%forcing%wind_time)) then
      m%forcing%wind_x => transposed(c%forcing%wind_y)
      m%forcing%wind_y => transposed(c%forcing%wind_x)
    end if
    x = 0.3_dp*rough_state(c)
    y(:,:,1) = transpose(x(:,:,1))
    y(:,:,2) = transpose(x(:,:,3))
    y(:,:,3) = transpose(x(:,:,2))
    call advance(c%p, c%depth, x(:,:,1), x(:,:,2), x(:,:,3), steps, c%forcing)
    call advance(m%p, m%depth, y(:,:,1), y(:,:,2), y(:,:,3), steps, m%forcing)
    back(:,:,1) = transpose(y(:,:,1))
    back(:,:,2) = transpose(y(:,:,3))
    back(:,:,3) = transpose(y(:,:,2))
    call check_at_most(t, 'x and y exchanged, '//trim(c%name)//': difference', norm2(back - x)/norm2(x), 1.0e-12_dp)
    if (associated(c%forcing%wind_time)) deallocate (m%forcing%wind_x, m%forcing%wind_y)
  end subroutine mirror

  function transposed(field) result(turned)
    real(dp), intent(in) :: field(:,:,:)
    real(dp), pointer, contiguous :: turned(:,:,:)
    integer :: k

    allocate (turned(size(field, 2),size(field, 1),size(field, 3)))
    do k = 1, size(field, 3)
      turned(:,:,k) = transpose(field(:,:,k))
    end do
  end function transposed

  ! Where edges are periodic, everything moved by some cells makes the solution moved by as many.
  subroutine shift(c, by_x, by_y)
    type(option_case), intent(in) :: c
    integer, intent(in) :: by_x, by_y
    type(option_case) :: m
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, y

    m = c
    m%depth = cshift(cshift(c%depth, by_x, 1), by_y, 2)
    if (associated(c%forcing%boundary_i)) then
      allocate (m%forcing%boundary_i, source=modulo(c%forcing%boundary_i - by_x - 1, c%p%nx) + 1)
      allocate (m%forcing%boundary_j, source=modulo(c%forcing%boundary_j - by_y - 1, c%p%ny) + 1)
    end if
    if (associated(c%forcing%wind_time)) then
      allocate (m%forcing%wind_x, source=cshift(cshift(c%forcing%wind_x, by_x, 1), by_y, 2))
      allocate (m%forcing%wind_y, source=cshift(cshift(c%forcing%wind_y, by_x, 1), by_y, 2))
    end if
    x = 0.3_dp*rough_state(c)
    y = cshift(cshift(x, by_x, 1), by_y, 2)
    call advance(c%p, c%depth, x(:,:,1), x(:,:,2), x(:,:,3), steps, c%forcing)
    call advance(m%p, m%depth, y(:,:,1), y(:,:,2), y(:,:,3), steps, m%forcing)
    call check_at_most(t, 'moved along x or y, '//trim(c%name)//': difference', &
                       norm2(cshift(cshift(x, by_x, 1), by_y, 2) - y)/norm2(x), 1.0e-12_dp)
    if (associated(c%forcing%boundary_i)) deallocate (m%forcing%boundary_i, m%forcing%boundary_j)
    if (associated(c%forcing%wind_time)) deallocate (m%forcing%wind_x, m%forcing%wind_y)
  end subroutine shift

  ! A periodic sea with land around it is a closed basin.
  subroutine wall_of_land(name, nx, ny)
    character(len=*), intent(in) :: name
    integer, intent(in) :: nx, ny
    real(dp), dimension(nx,ny) :: depth, z1, u1, v1, z2, u2, v2
    type(sw_parameters) :: p

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=7000.0_dp, dt=900.0_dp, coriolis=1.0e-4_dp, tolerance=1.0e-15_dp)
    call rough_basin(nx, ny, depth)
    call bump(nx, ny, z1)
    u1 = 0
    v1 = 0
    z2 = z1
    u2 = 0
    v2 = 0
    call advance(p, depth, z1, u1, v1, 20)
    p%periodic_x = .true.
    p%periodic_y = .true.
    call advance(p, depth, z2, u2, v2, 20)
    call check_at_most(t, 'periodic with land around it against closed, '//name//': difference', &
                       maxval(abs(z1 - z2))/maxval(abs(z1)) &
                       + maxval(abs(u1 - u2))/maxval(abs(u1)) + maxval(abs(v1 - v2))/maxval(abs(v1)), 1.0e-13_dp)
  end subroutine wall_of_land

  ! Two by three copies of a periodic sea, side by side, are that sea: from one cell on, of either parity.
  subroutine copies(nx, ny)
    integer, intent(in) :: nx, ny
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    real(dp), dimension(2*nx,3*ny) :: many_depth, many_zeta, many_u, many_v
    type(sw_parameters) :: p
    character(len=40) :: name
    integer :: i, j

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=7000.0_dp, dt=900.0_dp, coriolis=1.0e-4_dp, tolerance=1.0e-15_dp, &
                      periodic_x=.true., periodic_y=.true.)
    do j = 1, ny
      do i = 1, nx
        depth(i,j) = 15 + 5*sin(1.7_dp*i + 0.3_dp*i*j)*cos(2.3_dp*j)
        zeta(i,j) = 0.3_dp*sin(2.9_dp*i + 1.3_dp*j)
        u(i,j) = 0.2_dp*cos(1.1_dp*i*j)
        v(i,j) = 0.2_dp*sin(0.7_dp*i - j)
      end do
    end do
    many_depth = tiled(depth)
    many_zeta = tiled(zeta)
    many_u = tiled(u)
    many_v = tiled(v)
    call advance(p, depth, zeta, u, v, steps)
    p%nx = 2*nx
    p%ny = 3*ny
    call advance(p, many_depth, many_zeta, many_u, many_v, steps)
    write (name, '(a,i0,a,i0,a)') 'copies of a periodic sea of ', nx, ' x ', ny, ' cells'
    call check_at_most(t, trim(name)//': difference', (norm2(many_zeta - tiled(zeta)) + norm2(many_u - tiled(u)) &
                       + norm2(many_v - tiled(v)))/norm2(many_u), 1.0e-12_dp)
  end subroutine copies

  pure function tiled(field) result(many)
    real(dp), intent(in) :: field(:,:)
    real(dp) :: many(2*size(field, 1),3*size(field, 2))
    integer  :: i, j

    do j = 1, size(many, 2)
      do i = 1, size(many, 1)
        many(i,j) = field(modulo(i - 1, size(field, 1)) + 1,modulo(j - 1, size(field, 2)) + 1)
      end do
    end do
  end function tiled

end program test_symmetry
